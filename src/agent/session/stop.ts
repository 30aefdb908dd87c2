import type { SessionEndReason } from '../contract.ts';

/** Why a session ends: the reason by which code goes on, and one line for a person. */
export interface Stop {
  readonly reason: SessionEndReason;
  readonly detail: string;
}
