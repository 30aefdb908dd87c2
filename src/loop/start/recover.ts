import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../journal/events.ts';
import { lockHolder } from '../../journal/lock.ts';
import { statusOf } from '../../journal/projections/status.ts';
import { replay } from '../../journal/replay.ts';
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

/** What a start would do with a run folder, one line each. Changes nothing. Throws JournalDamaged as the start would. */
export function dryRun(runDir: string): string[] {
  const { events, live } = replay(join(runDir, 'journal.jsonl'));
  const holder = lockHolder(runDir);
  const stale = holder === null && existsSync(join(runDir, 'lock'));
  const { tag, trials, tokens, selectionLooks, holdoutLooks, streak } = statusOf(events);
  const plan = recoveryPlan(events);
  return [
    ...(holder ? [`process ${holder.pid} on ${holder.host} is at work here: a start would be refused`] : []),
    ...(stale ? ['the lock of a harness that is gone would be replaced'] : []),
    ...(live.torn
      ? [`event ${live.head.seq + 1} is unfinished: its ${live.torn.length} bytes would be moved aside`]
      : []),
    ...(events.length === 0
      ? ['there is no event yet: a new run would begin']
      : [
          ...plan,
          ...(plan.length === 0 ? [`nothing to recover: cycle ${stateOf(events).lastCycle + 1} would be next`] : []),
          `counters of ${tag}: ${trials} trials, ${tokens} tokens, ${selectionLooks} looks at selection, ${holdoutLooks} at the holdout, ${streak.length} x ${streak.route ?? 'no route'} in a row`,
        ]),
    ...(existsSync(join(runDir, 'STOP')) ? ['the STOP file would be removed'] : []),
    ...(existsSync(join(runDir, 'PAUSE')) ? ['the PAUSE file would hold the run at once'] : []),
  ];
}
