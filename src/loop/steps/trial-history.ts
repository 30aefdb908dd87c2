import type { EventOf, RunEvent } from '../../journal/events.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { Streak } from '../../task/task.ts';

/** How many fix and patch cycles in a row led up to (and include) this cycle. */
export function streakBefore(events: readonly RunEvent[], cycle: number): Streak {
  const streak = { fixes: 0, patches: 0 };
  for (const { started } of stateOf(events).cycles.toReversed()) {
    if (started.cycle > cycle) continue;
    if (started.directive === 'fix') streak.fixes += 1;
    else if (started.directive === 'patch') streak.patches += 1;
    else break;
  }
  return streak;
}

/**
 * What a trial is judged against: the journal before its batch was charged, and the batch's own earlier results. Defined by the journal alone,
 * so that a trial evaluated again meets the same history.
 */
export function historyBefore(events: readonly RunEvent[], started: EventOf<'trial.started'>): RunEvent[] {
  const batch = batchOf(events, started);
  const members = new Set(batch.filter(({ seq }) => seq < started.seq).map(({ trial }) => trial));
  const before = events.slice(0, batch[0].seq - 1);
  const own = events.filter((event) => event.seq >= batch[0].seq && 'trial' in event && members.has(event.trial ?? ''));
  return [...before, ...own];
}

/** Trials of one cycle that were charged with no result of the cycle between them. */
function batchOf(events: readonly RunEvent[], started: EventOf<'trial.started'>): EventOf<'trial.started'>[] {
  const batch = [started];
  for (let i = started.seq - 2; i >= 0; i--) {
    const event = events[i];
    if (!('cycle' in event) || event.cycle !== started.cycle) continue;
    if (event.type !== 'trial.started') break;
    batch.unshift(event);
  }
  return batch;
}
