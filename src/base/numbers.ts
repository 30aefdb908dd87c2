/** A number as a person reads it: two decimals, or four significant digits when it is small or large. */
export function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 0.01 && size < 10_000 ? value.toFixed(2) : String(Number(value.toPrecision(4)));
}

/** A fraction as percent; `-` for none. */
export function percent(fraction: number | null | undefined, digits = 1): string {
  return fraction == null ? '-' : `${(fraction * 100).toFixed(digits)}%`;
}

/** The middle of the values in order, the mean of the two in the middle for an even count; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Binary search: the first of `length` places where `holds` is true, `length` when there is none. It holds at all places behind. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
