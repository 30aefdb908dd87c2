import type { EventOf, RunEvent } from '../../../journal/events.ts';
import { type Objects, textsOf } from '../../../journal/objects.ts';
import { stateOf } from '../../../journal/state/run-state.ts';

/** What every later change is compared with. */
export interface Best {
  /** The trial that made it; null for the files as they were. */
  readonly trial: string | null;
  /** Paths that differ from the run's first commit, with their content. */
  readonly changed: Readonly<Record<string, string>>;
  /** How far it is from the baseline, in units of the primary metric, positive when better. */
  readonly gained: number;
}

/** The newest measured baseline of the segment; undefined before there is one. */
export function baselineOf(events: readonly RunEvent[]): EventOf<'baseline.measured'> | undefined {
  const start = events.findLastIndex(({ type }) => type === 'segment.started');
  const found = events.findLast((event, at) => at > start && event.type === 'baseline.measured');
  return found?.type === 'baseline.measured' ? found : undefined;
}

/** The newest keep. In a new segment its files stay what the next change starts from, and its gain is counted anew. */
export function bestOf(events: readonly RunEvent[], objects: Pick<Objects, 'get'>): Best {
  const kept = events.findLast((event) => event.type === 'trial.finished' && event.outcome === 'keep');
  if (kept?.type !== 'trial.finished') return { trial: null, changed: {}, gained: 0 };
  const baseline = baselineOf(events);
  const counts = baseline === undefined || kept.seq > baseline.seq;
  return {
    trial: kept.trial,
    changed: filesOf(events, kept.trial, objects),
    gained: counts ? (kept.metrics.gained ?? 0) : 0,
  };
}

/** The files of a trial. */
export function filesOf(
  events: readonly RunEvent[],
  trial: string,
  objects: Pick<Objects, 'get'>,
): Readonly<Record<string, string>> {
  return textsOf(objects, stateOf(events).byTrial.get(trial)?.started.files ?? {});
}
