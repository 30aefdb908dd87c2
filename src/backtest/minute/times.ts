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

/** The first bar from `from` on that opens at or after `time`: at once where it is `likely` bars further, as it is where no minute is missing. */
export function nextAtOrAfter(bars: Bars, from: number, time: number, likely: number): number {
  const near = from + likely;
  const { time: times } = bars;
  if (near < bars.length && times[near] >= time)
    return times[near - 1] < time ? near : firstBetween(bars, from, near, time);
  return firstBetween(bars, from, bars.length, time);
}

function firstBetween({ time: times }: Bars, from: number, to: number, time: number): number {
  return from + firstIndex(to - from, (i) => times[from + i] >= time);
}
