import type { EventOf, RunEvent } from '../../journal/events.ts';

/** Which durable steps of one cycle the journal already holds. */
export interface CycleProgress {
  readonly cycle: number;
  readonly started: EventOf<'cycle.started'> | null;
  readonly trialsStarted: readonly EventOf<'trial.started'>[];
  readonly trialsFinished: readonly EventOf<'trial.finished'>[];
  readonly session: EventOf<'session.ended'> | null;
  readonly verdict: EventOf<'verdict.given'> | null;
  readonly commit: EventOf<'cycle.committed'> | null;
  readonly mirrored: boolean;
}

/** Reads one cycle's steps out of the journal's events. */
export function progressOf(events: readonly RunEvent[], cycle: number): CycleProgress {
  const own = eventsOfCycle(events, cycle);
  const all = <T extends RunEvent['type']>(type: T) =>
    own.filter((event) => event.type === type) as unknown as EventOf<T>[];
  return {
    cycle,
    started: all('cycle.started')[0] ?? null,
    trialsStarted: all('trial.started'),
    trialsFinished: all('trial.finished'),
    session: all('session.ended')[0] ?? null,
    verdict: all('verdict.given')[0] ?? null,
    commit: all('cycle.committed')[0] ?? null,
    mirrored: all('cycle.mirrored').length > 0,
  };
}

/** The last cycle that was started, 0 before the first. */
export function lastCycle(events: readonly RunEvent[]): number {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.type === 'cycle.started') return event.cycle;
  }
  return 0;
}

/** From the end, because a cycle's events are together and usually the newest: a long journal costs nothing. */
function eventsOfCycle(events: readonly RunEvent[], cycle: number): RunEvent[] {
  const own: RunEvent[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if ('cycle' in event && event.cycle === cycle) own.push(event);
    if (event.type === 'cycle.started' && event.cycle <= cycle) break;
  }
  return own.reverse();
}
