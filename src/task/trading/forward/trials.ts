import type { RunEvent } from '../../../journal/events.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { stateOf } from '../../../journal/state/run-state.ts';

/** The trials of a run that have a record: every keep, and the newest `controls` discards that went through train, which had no edge to lose. */
export function recordedTrials(events: readonly RunEvent[], controls: number): Trial[] {
  const { trials } = stateOf(events);
  const keeps = trials.filter(({ outcome }) => outcome === 'keep');
  const discards = trials.filter(({ outcome, returnsSha256 }) => outcome === 'discard' && returnsSha256 !== null);
  return controls === 0 ? keeps : [...keeps, ...discards.slice(-controls)];
}
