import { firstIndex } from '../../base/numbers.ts';
import type { Bars } from '../../market/bars.ts';

/** Index of the first bar that opens at or after `time`; the length when there is none. */
export function firstAtOrAfter(bars: Bars, time: number): number {
  return firstIndex(bars.length, (i) => bars.time[i] >= time);
}
