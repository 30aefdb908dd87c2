import { type Bars, MINUTE } from '../../market/bars.ts';

/** Index of the first bar that opens at or after `time`; the length when there is none. */
export function firstAtOrAfter({ length, time: times }: Bars, time: number): number {
  return firstBetween(times, 0, length, time);
}

/** The same for a time after that of bar `from`: at once where no minute is missing between them. */
export function firstAfter(bars: Bars, from: number, time: number): number {
  const near = from + (time - bars.time[from]) / MINUTE;
  return bars.time[near] === time ? near : firstAtOrAfter(bars, time);
}

/** The first bar from `from` on that opens at or after `time`: at once where it is `likely` bars further, as it is where no minute is missing. */
export function nextAtOrAfter({ length, time: times }: Bars, from: number, time: number, likely: number): number {
  const near = from + likely;
  const beyond = near < length && times[near] >= time;
  if (beyond && times[near - 1] < time) return near;
  return firstBetween(times, from, beyond ? near : length, time);
}

/** Binary search. Written out: the compiler would put a callback into the loop of every caller, and takes its time for that. */
function firstBetween(times: Float64Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
