/** A number as a person reads it: two decimals, or four significant digits when it is small or large; `-` for none. */
export function number(value: number | null | undefined): string {
  if (value == null) return '-';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 0.01 && size < 10_000 ? value.toFixed(2) : String(Number(value.toPrecision(4)));
}

/** A fraction as percent; `-` for none. */
export function percent(fraction: number | null | undefined, digits = 1): string {
  return fraction == null ? '-' : `${(fraction * 100).toFixed(digits)}%`;
}

/** The day of a time in epoch ms, UTC: `2024-01-31`. */
export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The same to the minute: `2024-01-31 08:15`. */
export function isoMinute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

/** A span of time as people say it: `350 ms`, `12 s`, `7 min 30 s`, `3 h 20 min`, `2 days 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds} s`;
  const [large, small] = seconds < 3600 ? [60, 1] : seconds < 86_400 ? [3600, 60] : [86_400, 3600];
  const [whole, rest] = [Math.floor(seconds / large), Math.floor((seconds % large) / small)];
  const unit = { 60: 'min', 3600: 'h', 86400: whole === 1 ? 'day' : 'days' }[large];
  return `${whole} ${unit}${rest > 0 ? ` ${rest} ${{ 1: 's', 60: 'min', 3600: 'h' }[small]}` : ''}`;
}

/** A count with its noun: `1 cycle`, `3 cycles`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The middle of the values in order, the mean of the two in the middle for an even count; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Binary search: the first of `length` places where `holds` is true, `length` when there is none. It holds at all places behind. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How much of two columns of one length is the same: 1 when all of it is, 0 when none, 1 - sum |a - b| / sum (|a| + |b|) (Bray & Curtis 1957). 1 where both are zero. */
export function agreementOf(a: Float64Array, b: Float64Array): number {
  let [apart, together] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    apart += Math.abs(a[i] - b[i]);
    together += Math.abs(a[i]) + Math.abs(b[i]);
  }
  return together === 0 ? 1 : 1 - apart / together;
}
