import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashAt, replaceFile, textAt } from '../base/files.ts';
import { sha256 } from '../base/hash.ts';
import type { EventOf, RunEvent } from './events.ts';
import { type Objects, returnsFromBytes } from './objects.ts';
import type { CycleState } from './state/parts.ts';
import { stateOf } from './state/run-state.ts';

/** The files of a cycle's folder that its `cycle.committed` event seals. Anything else there is a draft that was never submitted. */
const SEALED = [
  'system.md',
  'brief.md',
  'transcript.jsonl',
  'verdict.json',
  'report.json',
  'strategy.ts',
  'strategy.yaml',
  'events.jsonl',
];

/** Folder of a cycle within its run folder. */
export function cycleFolder(runDir: string, cycle: number): string {
  return join(runDir, 'cycles', String(cycle).padStart(4, '0'));
}

/** SHA-256 of each sealed file that is there, by name. */
export function sealsOf(folder: string): Record<string, string> {
  const hashes = SEALED.map((name) => [name, hashAt(join(folder, name))] as const);
  return Object.fromEntries(hashes.flatMap(([name, hash]) => (hash === null ? [] : [[name, hash]])));
}

/** The files of a judged cycle that the journal and the objects give, by name. Throws RalphError when an object is missing or damaged. */
export function textsFromJournal(
  events: readonly RunEvent[],
  { verdict, committed }: CycleState,
  objects: Objects,
): Record<string, string> {
  const texts: Record<string, string> = { 'verdict.json': `${JSON.stringify(verdict, null, 2)}\n` };
  // Older versions kept no copy.
  const upTo = committed ? committed.upTo : events.length;
  if (upTo !== undefined) texts['events.jsonl'] = journalCopy(events, upTo);
  const judged = stateOf(events).byTrial.get(verdict?.trial ?? '');
  const finished = judged?.finished;
  if (!judged || !finished) return texts;
  const { outcome, gates, metrics, score, equityFingerprint: fingerprint, seconds, returnsSha256, trial } = finished;
  const days = returnsSha256 ? returnsFromBytes(objects.get(returnsSha256)).length : 0;
  const report = { outcome, gates, metrics, score, fingerprint, seconds, trial, days };
  texts['report.json'] = `${JSON.stringify(report, null, 2)}\n`;
  // A project's files stand in its commits and objects.
  if (stateOf(events).first?.task === 'project') return texts;
  for (const [name, object] of Object.entries(judged.started.files))
    texts[name.endsWith('.ts') ? 'strategy.ts' : 'strategy.yaml'] = objects.get(object).toString('utf8');
  return texts;
}

/** The journal's lines behind the copy of the cycle committed last, up to event `upTo`. `verify --repair` reads these copies. */
function journalCopy(events: readonly RunEvent[], upTo: number): string {
  let place = upTo - 1;
  while (place >= 0 && events[place]?.type !== 'cycle.committed') place -= 1;
  const last = events[place];
  const lines = events.slice(last?.type === 'cycle.committed' ? (last.upTo ?? 0) : 0, upTo);
  return lines.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** Makes again lost or changed files of a committed cycle, where the text is what was sealed; their names. Throws RalphError without an object. */
export function restoreCycle(
  runDir: string,
  events: readonly RunEvent[],
  { cycle, files = {} }: EventOf<'cycle.committed'>,
  objects: Objects,
): string[] {
  const state = stateOf(events).byCycle.get(cycle);
  if (!state?.verdict) return [];
  const folder = cycleFolder(runDir, cycle);
  const texts = textsFromJournal(events, state, objects);
  const restored: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const path = join(folder, name);
    if ((files[name] ?? sha256(text)) !== sha256(text)) continue;
    if (textAt(path) === text) continue;
    mkdirSync(folder, { recursive: true });
    replaceFile(path, text);
    restored.push(name);
  }
  return restored;
}
