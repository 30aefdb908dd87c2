import { RalphError } from '../base/errors.ts';
import { plainLine } from '../base/plain.ts';
import { EVENT_TYPES, type EventType, type RunEvent, SCHEMA_VERSION } from './events.ts';

/** What each version asks for and events of the version before did not have. A line of a journal is never rewritten. */
const ADDED: Readonly<Record<number, Partial<Record<EventType, object>>>> = {
  2: { 'run.resumed': { trials: [] } },
};

/** A stored event as this version reads it. Printed as JSON it is still the line that was written. */
export function upcast(stored: RunEvent): RunEvent {
  let event = stored;
  for (let version = (stored.v ?? 1) + 1; version <= SCHEMA_VERSION; version++) {
    const added = ADDED[version]?.[stored.type];
    if (added) event = { ...added, ...event };
  }
  if (event !== stored) Object.defineProperty(event, 'toJSON', { value: () => stored });
  return event;
}

/** Why this version cannot read an event, which a later one wrote; null when it can. */
export function whyNewer(event: RunEvent): string | null {
  const version = Math.max(event.v ?? 1, event.type === 'run.started' ? event.schema : 1);
  if (version > SCHEMA_VERSION) return `is of version ${version}; this version reads up to ${SCHEMA_VERSION}`;
  if (EVENT_TYPES.has(event.type)) return null;
  return `is of a kind that this version does not know: ${plainLine(event.type, 60)}`;
}

/** Throws RalphError for an event that a later version wrote: this one would misread it, or meet it in the middle of a run. */
export function refuseNewer(event: RunEvent, where: string): void {
  const why = whyNewer(event);
  if (why)
    throw new RalphError(`${where}: event ${event.seq} ${why}`, {
      remedy: 'Use the version of Ralph that wrote it, or a later one.',
    });
}
