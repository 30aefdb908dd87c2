import type { FailureClass, GateResult, Stage } from './verdict.ts';

/** What a gate is to a reader of its result. */
interface About {
  readonly class: FailureClass;
  /** What the message calls the value; the gate's name when absent. */
  readonly label?: string;
  /** Digits after the point in the message. */
  readonly digits?: number;
  /** Further words at the end of the message. */
  readonly note?: string;
}

type Demand = (stage: Stage, name: string, value: number, threshold: number, about: About) => GateResult;

/** Passes when value >= threshold; NaN fails. The gate is called after its stage: `sharpe` of train is `train.sharpe`. */
export const atLeast: Demand = (stage, name, value, threshold, about) =>
  compare(value >= threshold, 'min', stage, name, value, threshold, about);

/** Passes when value > threshold; NaN fails. */
export const above: Demand = (stage, name, value, threshold, about) =>
  compare(value > threshold, 'min', stage, name, value, threshold, about);

/** Passes when value <= threshold; NaN fails. */
export const atMost: Demand = (stage, name, value, threshold, about) =>
  compare(value <= threshold, 'max', stage, name, value, threshold, about);

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

function compare(
  passed: boolean,
  side: 'min' | 'max',
  stage: Stage,
  name: string,
  value: number,
  threshold: number,
  { class: failure, label = name, digits = 2, note }: About,
): GateResult {
  const known = Number.isFinite(value);
  // A threshold of 0 has no size to take a fraction of; there the distance itself is the gap.
  const gap = known ? Math.abs(value - threshold) / (Math.abs(threshold) || 1) : 1;
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
    class: passed ? null : failure,
    message: `${label} ${exact} ${sign} ${threshold.toFixed(digits)}${note ? ` (${note})` : ''}`,
  };
}
