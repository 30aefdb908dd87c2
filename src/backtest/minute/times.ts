import type { Bars } from '../../market/bars.ts';

/** Index of the first bar that opens at or after `time`; the length when there is none. */
export function firstAtOrAfter(bars: Bars, time: number): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bars.time[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
