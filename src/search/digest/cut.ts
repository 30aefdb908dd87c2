import type { RunEvent } from '../../journal/events.ts';

/** The beginning of a run: up to a number of trials (their results included) or of working hours. */
export function eventsUntil(
  events: readonly RunEvent[],
  limit: { trials?: number; hours?: number },
): readonly RunEvent[] {
  let trials = 0;
  let ms = 0;
  const most = limit.hours === undefined ? Number.POSITIVE_INFINITY : limit.hours * 3_600_000 + 1;
  for (const [i, event] of events.entries()) {
    if (i > 0 && event.type !== 'run.resumed') ms += event.at - events[i - 1].at;
    if (event.type === 'trial.started') trials++;
    if (ms > most || trials > (limit.trials ?? Number.POSITIVE_INFINITY)) return events.slice(0, i);
  }
  return events;
}
