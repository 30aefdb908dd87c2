import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../journal/replace-file.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import { cycleAt } from '../../journal/state/run-state.ts';
import type { TrialResult } from '../../task/task.ts';
import type { Run } from '../run.ts';
import { cycleDir } from './session.ts';
import { resultsOf } from './trials.ts';

/** What a power cut can take back of files that nothing waited for: the kernel writes them within half a minute. */
const UNSAFE_MS = 10 * 60_000;

/**
 * Writes what a person looks for in the folder of a judged cycle: verdict.json, and of the trial that it rests on report.json and the
 * candidate. Returns that trial, undefined when there was none. All of it can be made again from the journal, so nothing waits for the disk.
 */
export function writeCycleFiles(run: Run, { cycle, verdict }: CycleState): TrialResult | undefined {
  const folder = cycleDir(run, cycle);
  mkdirSync(folder, { recursive: true });
  const best = resultsOf(run, cycle).find(({ trial }) => trial === verdict?.trial);
  for (const [name, text] of Object.entries(textsOf(verdict, best))) replaceFile(join(folder, name), text);
  return best;
}

/** Makes again what a power cut took of the folders of the newest cycles; the names of those cycles. */
export function restoreCycleFiles(run: Run): number[] {
  const { events } = run.journal;
  const end = events.at(-1)?.at ?? 0;
  const restored: number[] = [];
  for (let i = events.length - 1; i >= 0 && Math.abs(end - events[i].at) < UNSAFE_MS; i--) {
    const event = events[i];
    if (event.type !== 'cycle.committed') continue;
    const state = cycleAt(events, event.cycle)!;
    const best = resultsOf(run, event.cycle).find(({ trial }) => trial === state.verdict?.trial);
    const folder = cycleDir(run, event.cycle);
    const lost = Object.entries(textsOf(state.verdict, best)).some(
      ([name, text]) => contentOf(join(folder, name)) !== text,
    );
    if (!lost) continue;
    writeCycleFiles(run, state);
    restored.push(event.cycle);
  }
  return restored.reverse();
}

function textsOf(verdict: CycleState['verdict'], best: TrialResult | undefined): Record<string, string> {
  const texts: Record<string, string> = { 'verdict.json': `${JSON.stringify(verdict, null, 2)}\n` };
  if (!best) return texts;
  const { returns, ...report } = best.evaluation;
  texts['report.json'] = `${JSON.stringify({ ...report, trial: best.trial, days: returns.length }, null, 2)}\n`;
  for (const [name, content] of Object.entries(best.submission.files))
    texts[name.endsWith('.ts') ? 'strategy.ts' : 'strategy.yaml'] = content;
  return texts;
}

function contentOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
