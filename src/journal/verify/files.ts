import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { EventOf } from '../events.ts';
import { openObjects } from '../objects.ts';
import type { Line, Problem } from './problem.ts';

type Verdict = EventOf<'verdict.given'>;

const OBJECT_NAME = /^[0-9a-f]{64}$/;

/** Whether everything the journal names is there and is what its name says: objects by content, cycle folders by file. */
export function fileProblems(runDir: string, lines: readonly Line[]): Problem[] {
  const problems: Problem[] = [];
  const objects = openObjects(runDir);
  const checked = new Set<string>();
  const verdicts = new Map(
    lines.flatMap(({ event }) => (event.type === 'verdict.given' ? [[event.cycle, event]] : [])),
  );
  for (const { file, line, event } of lines) {
    const at = (problem: string) => problems.push({ file, line, seq: event.seq, problem });
    if (event.type === 'cycle.committed')
      problems.push(...cycleFiles(runDir, verdicts.get(event.cycle), event.cycle, line));
    for (const name of objectsNamed(event)) {
      if (!OBJECT_NAME.test(name) || checked.has(name)) continue;
      checked.add(name);
      try {
        objects.get(name);
      } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        at(missing ? `object ${join(runDir, 'objects', name)} is missing` : messageOf(error));
      }
    }
  }
  return problems;
}

function objectsNamed(event: Line['event']): string[] {
  if (event.type === 'trial.started') return Object.values(event.files);
  if (event.type === 'trial.finished') return event.returnsSha256 ? [event.returnsSha256] : [];
  return [];
}

function cycleFiles(runDir: string, verdict: Verdict | undefined, cycle: number, line: number): Problem[] {
  const folder = cycleFolder(runDir, cycle);
  if (!verdict) return [];
  const expected = ['brief.md', 'verdict.json', ...(verdict.trial ? ['report.json'] : [])];
  const missing = expected.filter((name) => !existsSync(join(folder, name)));
  const problems = missing.map((name) => ({
    file: join(folder, name),
    line: null,
    seq: verdict.seq,
    problem: `missing; the journal committed cycle ${cycle} on line ${line}`,
  }));
  if (missing.includes('verdict.json')) return problems;
  const stored = parse(join(folder, 'verdict.json'));
  if (stored?.outcome !== verdict.outcome || stored.route !== verdict.route || stored.trial !== verdict.trial) {
    problems.push({
      file: join(folder, 'verdict.json'),
      line: null,
      seq: verdict.seq,
      problem: `is not the verdict that the journal holds for cycle ${cycle}`,
    });
  }
  return problems;
}

/** The folder of a cycle: `cycles/0012`. */
function cycleFolder(runDir: string, cycle: number): string {
  return join(runDir, 'cycles', String(cycle).padStart(4, '0'));
}

function parse(path: string): { outcome?: unknown; route?: unknown; trial?: unknown } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
