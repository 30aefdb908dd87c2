import type { Params } from '../../strategy/candidate.ts';
import type { BoxFailure, SimulationRequest } from '../contract.ts';
import type { EngineMarket } from '../market.ts';

/**
 * What a process does while it waits for a candidate: its windows are made ready; then scripts of the harness are played, or audited: in
 * full, or for one part, where another process is asked for the other.
 */
export type Exercise = 'ready' | 'play' | 'audit' | 'future' | 'memory';

/** What the harness asks of an evaluation child, in order, one at a time. */
export type Ask =
  /** First, and once: the files of each window. Answered with their fingerprints. `overwrite`: see LoadOptions. */
  | { readonly kind: 'load'; readonly windows: readonly (readonly string[])[]; readonly overwrite: boolean }
  /** Any time: is anybody there? */
  | { readonly kind: 'ping' }
  /** While there is no candidate: one round of exercise. Answered with whether another round pays. */
  | { readonly kind: 'warm'; readonly round: number; readonly exercise: Exercise }
  /** Then, and once: the candidate. */
  | {
      readonly kind: 'open';
      readonly code: string;
      /** One evaluation of the code may serve every simulation. */
      readonly stateless: boolean;
      /** Its custom indicators need no proof. */
      readonly pure: boolean;
      /** SHA-256 that stands for the script, where it is not that of `code`. */
      readonly print?: string;
      readonly market: EngineMarket;
    }
  /** On one of the windows, counted from 0. The other questions are about the first. */
  | { readonly kind: 'simulate'; readonly requests: readonly SimulationRequest[]; readonly window: number }
  | { readonly kind: 'allowed'; readonly points: readonly Params[] }
  | { readonly kind: 'future'; readonly params: Params; readonly cuts: number; readonly seed: number }
  | { readonly kind: 'memory'; readonly params: Params; readonly seed: number };

/** An ask with its number, and how long the child may run before it ends itself should the harness be gone. */
export interface Message {
  readonly id: number;
  readonly wallMs: number;
  readonly ask: Ask;
}

/** A failure as the child sees it: a place in the script, to be named in the author's file by the harness. */
export interface ChildFailure {
  readonly ok: false;
  readonly kind: BoxFailure['kind'];
  readonly message: string;
  readonly place?: { readonly line: number; readonly column: number };
}

export type ChildAnswer = { readonly ok: true; readonly value: unknown } | ChildFailure;

/** No candidate's failure: the bars of a window could not be read again. */
export interface LostWindow {
  readonly ok: false;
  readonly kind: 'lost';
  readonly message: string;
}
