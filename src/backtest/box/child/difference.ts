import { Buffer } from 'node:buffer';
import { firstIndex } from '../../../base/numbers.ts';
import { DECISION_WIDTH, type DecisionLog } from '../../orders/decisions.ts';

/** Rows of a log whose decision lies at or before a time. */
export function rowsUpTo({ values, length }: DecisionLog, cut: number): number {
  return firstIndex(length, (i) => values[i * DECISION_WIDTH] > cut);
}

/** Time of the first decision up to `cut` that two logs do not share to the last bit, or undefined. */
export function firstOtherDecision(truth: DecisionLog, other: DecisionLog, cut: number): number | undefined {
  const [rows, otherRows] = [rowsUpTo(truth, cut), rowsUpTo(other, cut)];
  const [a, b] = [truth.values, other.values];
  for (let row = 0; row < Math.max(rows, otherRows); row++) {
    const at = row * DECISION_WIDTH;
    let same = row < rows && row < otherRows;
    for (let k = at; same && k < at + DECISION_WIDTH; k++) same = Object.is(a[k], b[k]);
    if (!same) return Math.min(row < rows ? a[at] : Infinity, row < otherRows ? b[at] : Infinity);
  }
  return undefined;
}

/** Index of the first of `length` values that two columns do not share, or -1. NaN equals NaN; 0 and -0 differ. */
export function firstOtherValue(truth: Float64Array, other: Float64Array, length: number): number {
  if (bytesOf(truth, length).equals(bytesOf(other, length))) return -1;
  // The bytes of two NaNs may differ without a meaning.
  for (let k = 0; k < length; k++) if (!Object.is(truth[k], other[k])) return k;
  return -1;
}

function bytesOf(values: Float64Array, length: number): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, length * 8);
}

/** Day whose equity differs although it lies wholly before `cut`, or undefined. */
export function firstOtherDay(
  days: Float64Array,
  truth: Float64Array,
  other: Float64Array,
  cut: number,
): number | undefined {
  for (let day = 0; day + 1 < days.length && days[day + 1] <= cut; day++) {
    if (!Object.is(truth[day], other[day])) return days[day];
  }
  return undefined;
}
