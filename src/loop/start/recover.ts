import type { RunEvent } from '../../journal/events.ts';
import { stateOf } from '../../journal/state/run-state.ts';

/** Trials of the last cycle that were charged and have no result. Journaled at each start, so that a trial which ends the harness is found. */
export function openTrials(events: readonly RunEvent[]): string[] {
  const trials = stateOf(events).cycles.at(-1)?.trials ?? [];
  return trials.filter(({ finished }) => !finished).map(({ trial }) => trial);
}

/** What the restart will do, one line a step; empty when the last cycle is complete. */
export function recoveryPlan(events: readonly RunEvent[]): string[] {
  const last = stateOf(events).cycles.at(-1);
  if (!last || last.mirrored) return [];
  const { cycle, trials, session, verdict, committed } = last;
  const open = openTrials(events).map(
    (trial) => `trial ${trial} was charged and has no result: evaluate it under its own name`,
  );
  if (!session && trials.length === 0) return [`cycle ${cycle} had spent nothing: hold its session again`];
  if (!session) return [...open, `cycle ${cycle} lost its session: judge its ${trials.length} trials as they stand`];
  if (!verdict) return [...open, `cycle ${cycle} has no verdict: judge it from the recorded results`];
  if (!committed) return [`cycle ${cycle} has a verdict and no commit: look for one, else make it`];
  return [`cycle ${cycle} is not mirrored: send it again under the same names`];
}
