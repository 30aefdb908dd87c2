import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../base/hash.ts';
import { type Objects, returnsFromBytes } from './objects.ts';
import type { CycleState, Trial } from './state/parts.ts';

/** The files of a cycle's folder that its `cycle.committed` event seals. Anything else there is a draft that was never submitted. */
const SEALED = [
  'system.md',
  'brief.md',
  'transcript.jsonl',
  'verdict.json',
  'report.json',
  'strategy.ts',
  'strategy.yaml',
];

/** Folder of a cycle within its run folder. */
export function cycleFolder(runDir: string, cycle: number): string {
  return join(runDir, 'cycles', String(cycle).padStart(4, '0'));
}

/** SHA-256 of each sealed file that is there, by name. */
export function sealsOf(folder: string): Record<string, string> {
  const there = SEALED.filter((name) => existsSync(join(folder, name)));
  return Object.fromEntries(there.map((name) => [name, sha256(readFileSync(join(folder, name)))]));
}

/** The files of a judged cycle that the journal and the objects give, by name. Throws RalphError when an object is missing or damaged. */
export function textsFromJournal(
  { verdict }: CycleState,
  judged: Trial | undefined,
  objects: Objects,
): Record<string, string> {
  const texts: Record<string, string> = { 'verdict.json': `${JSON.stringify(verdict, null, 2)}\n` };
  const finished = judged?.finished;
  if (!judged || !finished) return texts;
  const { outcome, gates, metrics, score, equityFingerprint: fingerprint, seconds, returnsSha256, trial } = finished;
  const days = returnsSha256 ? returnsFromBytes(objects.get(returnsSha256)).length : 0;
  const report = { outcome, gates, metrics, score, fingerprint, seconds, trial, days };
  texts['report.json'] = `${JSON.stringify(report, null, 2)}\n`;
  for (const [name, object] of Object.entries(judged.started.files))
    texts[name.endsWith('.ts') ? 'strategy.ts' : 'strategy.yaml'] = objects.get(object).toString('utf8');
  return texts;
}
