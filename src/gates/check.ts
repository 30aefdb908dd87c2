import type { FailureClass, GateResult, Stage } from './verdict.ts';

interface Check {
  readonly stage: Stage;
  /** Name after the stage's: `sharpe` becomes `train.sharpe`. */
  readonly name: string;
  /** What the message calls the value; the name when absent. */
  readonly label?: string;
  readonly value: number;
  readonly class: FailureClass;
  /** Digits after the point in the message. */
  readonly digits?: number;
  /** Further words at the end of the message. */
  readonly note?: string;
}

/** Passes when value >= threshold; NaN fails. */
export function atLeast(check: Check, threshold: number): GateResult {
  return compare(check, threshold, 'min', check.value >= threshold);
}

/** Passes when value > threshold; NaN fails. */
export function above(check: Check, threshold: number): GateResult {
  return compare(check, threshold, 'min', check.value > threshold);
}

/** Passes when value <= threshold; NaN fails. */
export function atMost(check: Check, threshold: number): GateResult {
  return compare(check, threshold, 'max', check.value <= threshold);
}

/** A gate without a number: passed, or failed for a reason in words. */
export function plain(stage: Stage, name: string, passed: boolean, failure: FailureClass, message: string): GateResult {
  return {
    stage,
    gate: `${stage}.${name}`,
    passed,
    value: null,
    threshold: null,
    side: 'none',
    gap: passed ? 0 : 1,
    class: passed ? null : failure,
    message,
  };
}

function compare(check: Check, threshold: number, side: 'min' | 'max', passed: boolean): GateResult {
  const { stage, name, value, note } = check;
  const known = Number.isFinite(value);
  // A threshold of 0 has no size to take a fraction of; there the distance itself is the gap.
  const gap = known ? Math.abs(value - threshold) / (Math.abs(threshold) || 1) : 1;
  const digits = check.digits ?? 2;
  const sign = passed ? (side === 'min' ? '>=' : '<=') : side === 'min' ? '<' : '>';
  const shown = known ? value.toFixed(digits) : 'undefined';
  // 0.997 < 1.00 must not read as 1.00 < 1.00.
  const exact = known && !passed && shown === threshold.toFixed(digits) ? value.toPrecision(digits + 4) : shown;
  return {
    stage,
    gate: `${stage}.${name}`,
    passed,
    value: known ? value : null,
    threshold,
    side,
    gap: passed ? 0 : gap,
    class: passed ? null : check.class,
    message: `${check.label ?? name} ${exact} ${sign} ${threshold.toFixed(digits)}${note ? ` (${note})` : ''}`,
  };
}
