import type { Outcome } from './verdict.ts';

/** An earlier trial of the same run, as the gates need it; nothing of it comes from held-back data except `selectionSharpe`. */
export interface EarlierTrial {
  readonly trial: string;
  readonly family: string;
  /** Fingerprint of the train equity curve; null when it never got that far. */
  readonly fingerprint: string | null;
  /** Daily net returns over the train window; empty when it never got that far. */
  readonly returns: Float64Array;
  readonly score: number | null;
  readonly outcome: Outcome;
  /** Annual, of a kept candidate, known to the harness alone; absent or null where it was not recorded. */
  readonly selectionSharpe?: number | null;
}

/** What has happened in this run (segment) before the trial in hand. */
export interface TrialHistory {
  /** Every trial charged to the market, this one included: N of every deflated figure. Never clustered, never reset. */
  readonly trials: number;
  readonly earlier: readonly EarlierTrial[];
  /** Looks already taken at the selection window. */
  readonly looks: number;
  /** Nothing can be kept any more: held-back data are not looked at. */
  readonly trainOnly?: boolean;
  /** Charges a look BEFORE it happens, at most once a trial. Answers its number where more than this run counts looks. */
  readonly look: () => Look | Promise<Look>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a caller that only counts answers nothing
export type Look = number | void;

/** The start of a run: no trial yet, looks go nowhere. For tools that judge one candidate on its own. */
export function emptyHistory(): TrialHistory {
  return { trials: 1, earlier: [], looks: 0, look: () => {} };
}
