import type { RunEvent } from '../../journal/events.ts';
import { lastCycle, progressOf } from '../steps/progress.ts';

/**
 * What going on from this journal will do, one line each; empty when the last cycle is complete. The lines are journaled
 * on resume, so that a trial which keeps ending the harness can be told from one that was unlucky.
 */
export function recoveryPlan(events: readonly RunEvent[]): string[] {
  const cycle = lastCycle(events);
  if (cycle === 0) return [];
  const { session, verdict, commit, mirrored, trialsStarted, trialsFinished } = progressOf(events, cycle);
  if (mirrored) return [];
  const finished = new Set(trialsFinished.map(({ trial }) => trial));
  const open = trialsStarted
    .filter(({ trial }) => !finished.has(trial))
    .map(({ trial }) => `trial ${trial} was charged and has no result: evaluate it under its own name`);
  if (!session && trialsStarted.length === 0) return [`cycle ${cycle} had spent nothing: hold its session again`];
  if (!session)
    return [...open, `cycle ${cycle} lost its session: judge its ${trialsStarted.length} trials as they stand`];
  if (!verdict) return [...open, `cycle ${cycle} has no verdict: judge it from the recorded results`];
  if (!commit) return [`cycle ${cycle} has a verdict and no commit: look for one, else make it`];
  return [`cycle ${cycle} is not mirrored: send it again under the same names`];
}
