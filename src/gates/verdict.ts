/** What became of a trial or a cycle. */
export type Outcome = 'keep' | 'discard' | 'crash';

/** What the next cycle does: fix a near miss, fix a crash, or start from another hypothesis. */
export type Route = 'patch' | 'fix' | 'new';

/** Stages in the order in which they run: cheap ones first. */
export const STAGES = [
  'static',
  'causality',
  'smoke',
  'train',
  'stress',
  'neighbours',
  'subperiods',
  'redundancy',
  'deflation',
  'pbo',
  'selection',
] as const;
export type Stage = (typeof STAGES)[number];

/** Why a gate was missed, in a word that the digest can count. */
export type FailureClass =
  | 'no_edge'
  | 'too_few'
  | 'risk'
  | 'hidden_risk'
  | 'cost_fragile'
  | 'execution_fragile'
  | 'parameter_fragile'
  | 'regime_only'
  | 'concentrated'
  | 'redundant'
  | 'luck'
  | 'leak'
  | 'crash'
  | 'policy'
  | 'held_back';

/**
 * One gate's answer. `gap` is how far the value is on the wrong side of the threshold, as a positive fraction of the
 * threshold's size (0 when passed, 1 when there is no number to compare); value and threshold are null where the gate has no
 * number, and value is withheld (null) for selection. Every gate fails closed: NaN, too few observations, a throw or
 * a timeout is a failure.
 */
export interface GateResult {
  readonly stage: Stage;
  /** Name within gates.yaml, such as `train.sharpe`. */
  readonly gate: string;
  readonly passed: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  /** Which side of the threshold passes. */
  readonly side: 'min' | 'max' | 'none';
  readonly gap: number;
  /** Null when passed. */
  readonly class: FailureClass | null;
  /** One line for a person: `sharpe 0.41 < 1.00`. */
  readonly message: string;
}

/** The end of a cycle, decided by code. `reasons` holds the failed gates, or for a keep the passed ones that were closest. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly route: Route;
  readonly reasons: readonly GateResult[];
}
