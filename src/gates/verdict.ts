import { z } from 'zod';

/** What became of a trial or a cycle. */
export const OUTCOMES = ['keep', 'discard', 'crash'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the next cycle does: fix a near miss, fix a crash, or start from another hypothesis. */
export const ROUTES = ['patch', 'fix', 'new'] as const;
export type Route = (typeof ROUTES)[number];

/** Stages in the order in which they run: cheap ones first. */
export const STAGES = [
  'static',
  'tuning',
  'causality',
  'smoke',
  'train',
  'stress',
  'neighbours',
  'subperiods',
  'redundancy',
  'deflation',
  'pbo',
  'null',
  'selection',
] as const;
export type Stage = (typeof STAGES)[number];

/** Why a gate was missed, in a word that the digest can count. */
const FAILURE_CLASSES = [
  'no_edge',
  'too_few',
  'risk',
  'hidden_risk',
  'cost_fragile',
  'execution_fragile',
  'parameter_fragile',
  'regime_only',
  'concentrated',
  'redundant',
  'luck',
  'leak',
  'crash',
  'policy',
  'held_back',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/**
 * One gate's answer. `gap` is how far the value is on the wrong side of the threshold, as a positive fraction of the
 * threshold's size (0 when passed, 1 when there is no number to compare); value and threshold are null where the gate has no
 * number, and value is withheld (null) for selection. Every gate fails closed: NaN, too few observations, a throw or
 * a timeout is a failure.
 */
export const gateResult = z.object({
  stage: z.enum(STAGES),
  /** Name within gates.yaml, such as `train.sharpe`. */
  gate: z.string(),
  passed: z.boolean(),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  /** Which side of the threshold passes. */
  side: z.enum(['min', 'max', 'none']),
  gap: z.number(),
  /** Null when passed. */
  class: z.enum(FAILURE_CLASSES).nullable(),
  /** One line for a person: `sharpe 0.41 < 1.00`. */
  message: z.string(),
});
export type GateResult = Readonly<z.infer<typeof gateResult>>;

/** The end of a cycle, decided by code. `reasons` holds the failed gates, or for a keep the passed ones that were closest. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly route: Route;
  readonly reasons: readonly GateResult[];
}
