import type { EventOf, RunEvent } from '../../journal/events.ts';

/** Trials charged to the run, those it took over included: N of every deflated statistic. */
export function countTrials(events: readonly RunEvent[]): number {
  let carried = 0;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.type === 'trial.started') return event.n;
    if (event.type === 'run.carried') carried += event.trials;
  }
  return carried;
}

/**
 * What a trial is judged against: the journal before its batch was charged, and the results of the batch's own earlier
 * trials. Defined by the journal alone and not by what other sessions finished meanwhile, so that a trial evaluated again
 * after a crash, or reproduced a year later, meets the same history.
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
