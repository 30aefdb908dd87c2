import { number } from '../../base/numbers.ts';
import { plainLine } from '../../base/plain.ts';
import type { RunEvent } from '../../journal/events.ts';

/** Faults in a row that are worth a message. */
const CRASH_LOOP = 5;
const MOST_CHARACTERS = 300;

/**
 * What a person who is away wants to hear of an event, in one line without code: a keep, a search that is stuck, a crash loop, the end and
 * its reason (spent looks are one). Null for any other event.
 */
export function noticeOf(event: RunEvent, familyOf: (trial: string) => string): string | null {
  const text = textOf(event, familyOf);
  return text === null ? null : plainLine(text, MOST_CHARACTERS);
}

function textOf(event: RunEvent, familyOf: (trial: string) => string): string | null {
  switch (event.type) {
    case 'trial.finished':
      if (event.outcome !== 'keep') return null;
      return `KEEP ${event.trial} ${familyOf(event.trial)}${event.score === null ? '' : `, score ${number(event.score)}`}`;
    case 'human.asked':
      return `asks for a hint: ${event.why}`;
    case 'fault.occurred':
      return event.attempt === CRASH_LOOP ? `${event.attempt} faults in a row: ${event.class} at ${event.where}` : null;
    case 'run.ended':
      return `ended: ${event.reason}`;
    default:
      return null;
  }
}
