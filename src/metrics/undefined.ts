/** Null instead of NaN and infinities: a number that is not one must never look like a result, and a gate on null fails. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
