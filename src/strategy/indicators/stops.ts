import { makeSeries, type Series } from '../series.ts';
import { columnsOf, finiteNumber, wholePeriod } from './kernels/arguments.ts';
import { trueRanges } from './kernels/ranges.ts';
import { wilder } from './kernels/smooth.ts';

/** A trailing line and the side it is on. */
export type TrailingLine = {
  /** Price: below the market in an uptrend, above it in a downtrend. */
  readonly line: Series;
  /** 1 in an uptrend, -1 in a downtrend. */
  readonly direction: Series;
};

/**
 * Supertrend (Seban): bands at (high + low) / 2 -+ `width` x atr(`period`) that only move towards the price while the
 * close before stayed on their side; a close beyond the active band turns the trend. It starts as a downtrend.
 */
export function supertrend(high: Series, low: Series, close: Series, period = 10, width = 3): TrailingLine {
  const n = wholePeriod(period, 'supertrend: period');
  const k = finiteNumber(width, 'supertrend: width');
  const [highs, lows, closes] = columnsOf([high, low, close], 'supertrend');
  const ranges = wilder(trueRanges(highs, lows, closes), n);
  const [line, direction] = emptyLines(closes.length);
  let [upper, lower, side] = [Number.NaN, Number.NaN, -1];
  for (let i = 0; i < closes.length; i++) {
    const middle = (highs[i] + lows[i]) / 2;
    const [top, bottom] = [middle + k * ranges[i], middle - k * ranges[i]];
    if (Number.isNaN(top)) continue;
    // Written so that a band that is still NaN is replaced.
    if (!(top >= upper && closes[i - 1] <= upper)) upper = top;
    if (!(bottom <= lower && closes[i - 1] >= lower)) lower = bottom;
    if (side === -1 ? closes[i] > upper : closes[i] < lower) side = -side;
    line[i] = side === 1 ? lower : upper;
    direction[i] = side;
  }
  return { line: makeSeries(line), direction: makeSeries(direction) };
}

/**
 * Parabolic stop and reverse (Wilder 1978): the line closes in on the extreme of the trend by an acceleration that grows by
 * `step` with each new extreme up to `limit`, never beyond the lows (highs) of the two bars before; touching it turns the
 * trend. Starts at bar 1, in the direction in which the second bar reached further. Bars with NaN are passed over.
 */
export function psar(high: Series, low: Series, step = 0.02, limit = 0.2): TrailingLine {
  const growth = finiteNumber(step, 'psar: step');
  const most = finiteNumber(limit, 'psar: limit');
  const [highs, lows] = columnsOf([high, low], 'psar');
  const [line, direction] = emptyLines(highs.length);
  let [side, stop, extreme, speed] = [0, 0, 0, growth];
  let [one, two] = [-1, -1];
  for (let i = 0; i < highs.length; i++) {
    const [top, bottom] = [highs[i], lows[i]];
    if (Number.isNaN(top + bottom)) continue;
    if (one >= 0) {
      if (side === 0) {
        side = top - highs[one] >= lows[one] - bottom ? 1 : -1;
        [stop, extreme] = side === 1 ? [lows[one], highs[one]] : [highs[one], lows[one]];
      }
      stop += speed * (extreme - stop);
      stop = side === 1 ? Math.min(stop, lows[one], lows[two]) : Math.max(stop, highs[one], highs[two]);
      if (side === 1 ? bottom <= stop : top >= stop) {
        stop = side === 1 ? Math.max(extreme, top) : Math.min(extreme, bottom);
        side = -side;
        [extreme, speed] = [side === 1 ? top : bottom, growth];
      } else if (side === 1 ? top > extreme : bottom < extreme) {
        [extreme, speed] = [side === 1 ? top : bottom, Math.min(most, speed + growth)];
      }
      line[i] = stop;
      direction[i] = side;
    }
    [two, one] = [one < 0 ? i : one, i];
  }
  return { line: makeSeries(line), direction: makeSeries(direction) };
}

function emptyLines(length: number): [Float64Array, Float64Array] {
  return [new Float64Array(length).fill(Number.NaN), new Float64Array(length).fill(Number.NaN)];
}
