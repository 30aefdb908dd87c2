import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../base/errors.ts';
import { namesIn } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import { jsonIn } from '../../base/json.ts';
import { cycleFolder, sealsOf } from '../cycle-files.ts';
import type { EventOf } from '../events.ts';
import { openObjects } from '../objects.ts';
import type { CycleState } from '../state/parts.ts';
import { type RunState, stateOf } from '../state/run-state.ts';
import type { LostHistory } from './heads.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';
import { hashOf, readable } from './read.ts';

const OBJECT_NAME = /^[0-9a-f]{64}$/;

/** Whether everything the journal names is there and is what its name says: objects by content, cycle folders by file. */
export function fileProblems(runDir: string, lines: readonly Line[]): Problem[] {
  const problems: Problem[] = [];
  const objects = openObjects(runDir);
  const checked = new Set<string>();
  const { byCycle, byTrial } = stateOf(lines.map(({ event }) => event));
  for (const { file, line, event } of lines) {
    const cycle = event.type === 'cycle.committed' ? byCycle.get(event.cycle) : undefined;
    if (cycle?.verdict)
      problems.push(...cycleFiles(runDir, cycle, byTrial.get(cycle.verdict.trial ?? '')?.finished, line));
    for (const name of objectsNamed(event)) {
      if (!OBJECT_NAME.test(name) || checked.has(name)) continue;
      checked.add(name);
      try {
        objects.get(name);
      } catch (error) {
        problems.push(problemAt({ file, line, seq: event.seq }, messageOf(error), REMEDY.object));
      }
    }
  }
  problems.push(...strayObjects(runDir, checked), ...takenProblems(runDir, lines));
  return problems;
}

/** Cycles of which a start compares the files; all of them are `verify`'s work. */
const NEWEST = 3;

/** The files of the newest cycles that are not what those were committed with; null for none. What was accepted before is not told again. */
export function changedFiles(runDir: string, { cycles, acceptedCycle }: RunState): LostHistory | null {
  const newest = cycles.slice(-NEWEST).filter(({ cycle, committed }) => committed && cycle > acceptedCycle);
  const changed = newest.flatMap(({ cycle, committed }) => {
    const folder = cycleFolder(runDir, cycle);
    const now = sealsOf(folder);
    const other = Object.entries(committed?.files ?? {}).filter(([name, sealed]) => now[name] !== sealed);
    return other.map(([name]) => `${join(folder, name)} is not the file that cycle ${cycle} was committed with`);
  });
  if (changed.length === 0) return null;
  return { problem: changed.join('; '), cycle: newest.at(-1)!.cycle, trials: 0, looks: 0 };
}

/** Objects that no event names, such as a system text: each is still what its name says. */
function strayObjects(runDir: string, checked: ReadonlySet<string>): Problem[] {
  const folder = join(runDir, 'objects');
  return namesIn(folder)
    .filter((name) => OBJECT_NAME.test(name) && !checked.has(name) && hashOf(join(folder, name)) !== name)
    .map((name) => problemAt({ file: join(folder, name) }, 'its content does not match its name', REMEDY.object));
}

/** The copies of hints that were taken. */
function takenProblems(runDir: string, lines: readonly Line[]): Problem[] {
  return lines.flatMap(({ event }) => {
    if (event.type !== 'hint.taken') return [];
    const file = join(runDir, 'hints', `${event.hint}.md`);
    if (!existsSync(file)) return [problemAt({ file, seq: event.seq }, 'missing', REMEDY.cycleFile)];
    return hashOf(file) === event.sha256
      ? []
      : [problemAt({ file, seq: event.seq }, 'is not the hint that was taken', REMEDY.cycleFile)];
  });
}

function objectsNamed(event: Line['event']): string[] {
  if (event.type === 'trial.started') return Object.values(event.files);
  if (event.type === 'trial.finished')
    return [event.returnsSha256, event.tuned?.report].filter((name) => typeof name === 'string');
  return [];
}

/** `finished` is the result of the trial that the verdict rests on. */
function cycleFiles(
  runDir: string,
  state: CycleState,
  finished: EventOf<'trial.finished'> | null | undefined,
  line: number,
): Problem[] {
  const { cycle, started } = state;
  const verdict = state.verdict!;
  const folder = cycleFolder(runDir, cycle);
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  const at = (name: string, what: string) =>
    problems.push(problemAt({ file: join(folder, name), seq: verdict.seq }, what, REMEDY.cycleFile));
  for (const name of ['system.md', 'brief.md', 'verdict.json', ...(verdict.trial ? ['report.json'] : [])]) {
    const text = readable(join(folder, name));
    if (text !== null) texts.set(name, text);
    else at(name, `missing, or cannot be read; the journal committed cycle ${cycle} on line ${line}`);
  }
  for (const [name, sealed] of Object.entries(state.committed?.files ?? {})) {
    const path = join(folder, name);
    if (!existsSync(path)) at(name, `missing; cycle ${cycle} was committed with it`);
    else if (hashOf(path) !== sealed) at(name, `is not the file that cycle ${cycle} was committed with`);
  }
  const [system, brief] = [texts.get('system.md'), texts.get('brief.md')];
  if (system !== undefined && brief !== undefined && sha256(system + brief) !== started.briefSha256)
    at('brief.md', `is not, with system.md, what the session of cycle ${cycle} was told`);
  const stored = parse(texts.get('verdict.json'));
  for (const name of stored === undefined ? [] : differing(stored, verdict, ['outcome', 'route', 'trial', 'reasons']))
    at('verdict.json', `is not the verdict that the journal holds for cycle ${cycle}: ${name} differs`);
  const report = parse(texts.get('report.json'));
  const result = finished && { ...finished, fingerprint: finished.equityFingerprint };
  for (const name of result && report !== undefined ? differing(report, result, REPORTED) : [])
    at('report.json', `is not the result that the journal holds for trial ${finished?.trial}: ${name} differs`);
  return problems;
}

/** What a report says of its trial. */
const REPORTED = ['outcome', 'gates', 'metrics', 'score', 'fingerprint', 'seconds', 'trial'];

/** The names of those fields in which a file says something else than the journal. */
function differing(file: Record<string, unknown> | null, journal: object, names: readonly string[]): string[] {
  const said = journal as Record<string, unknown>;
  return names.filter((name) => !isDeepStrictEqual(file?.[name], said[name]));
}

/** The object in a text, null for a text that is none, undefined without a text. */
function parse(text: string | undefined): Record<string, unknown> | null | undefined {
  return text === undefined ? undefined : ((jsonIn(text) ?? null) as Record<string, unknown> | null);
}
