import type { Note, Restart, SessionEndReason, SessionSpec } from '../contract.ts';
import type { Tally } from './tally.ts';

/** What every part of a session works with. */
export interface Surroundings {
  readonly spec: SessionSpec;
  readonly served: Served;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly note: Note;
  readonly restart?: Restart;
}

/** The model to ask, and its window in tokens; null where the server does not say. */
export interface Served {
  readonly id: string;
  readonly window: number | null;
}

/** Why a session ends: the reason by which code goes on, and one line for a person. */
export interface Stop {
  readonly reason: SessionEndReason;
  readonly detail: string;
}

/** The end of a session, for `reason`. */
export function stopFor(reason: SessionEndReason, detail: string): Stop {
  return { reason, detail };
}

export const ABORTED = stopFor('aborted', 'aborted by the harness');
