import type { Bars } from './bars.ts';

/** The bars with from <= time < to (epoch ms). Views, not copies: a market is cut a few times and read a hundred. */
export function barsBetween(bars: Bars, from: number, to: number): Bars {
  const first = lowerBound(bars.time, from);
  const last = lowerBound(bars.time, to);
  const cut = (column: Float64Array) => column.subarray(first, last);
  return {
    length: last - first,
    time: cut(bars.time),
    open: cut(bars.open),
    high: cut(bars.high),
    low: cut(bars.low),
    close: cut(bars.close),
    volume: cut(bars.volume),
  };
}

function lowerBound(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
