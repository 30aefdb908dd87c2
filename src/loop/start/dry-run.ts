import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder } from '../../journal/lock.ts';
import { statusOf } from '../../journal/projections/status.ts';
import { replay } from '../../journal/replay.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { recoveryPlan } from './recover.ts';

/**
 * What a start would do with a run folder as it is now, one line each. Reads only: no lock, no torn line cut, no folder made. Throws
 * JournalDamaged as the start would.
 */
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
