import { firstIndex } from '../../base/numbers.ts';
import { type Bars, MINUTE } from '../../market/bars.ts';

/** Index of the first bar that opens at or after `time`; the length when there is none. */
export function firstAtOrAfter(bars: Bars, time: number): number {
  return firstIndex(bars.length, (i) => bars.time[i] >= time);
}

/** The same for a time after that of bar `from`: at once where no minute is missing between them. */
export function firstAfter(bars: Bars, from: number, time: number): number {
  const near = from + (time - bars.time[from]) / MINUTE;
  return bars.time[near] === time ? near : firstAtOrAfter(bars, time);
}
