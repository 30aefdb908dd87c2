import { makeSeries, type Series, valuesOf } from '../series.ts';
import { wholePeriod } from './kernels/arguments.ts';
import { changesOf } from './kernels/changes.ts';
import { windowSum } from './kernels/sums.ts';

/** Smoothing constants of an EMA of 2 and of 30 bars, between which Kaufman's average moves. */
const FAST = 2 / 3;
const SLOW = 2 / 31;

/**
 * Kaufman's efficiency ratio, 0 to 1: the way from `period` bars ago to here over the length of the path. A market
 * that did not move is not efficient: 0.
 */
export function efficiencyRatio(series: Series, period: number): Series {
  return makeSeries(efficiency(valuesOf(series), wholePeriod(period, 'efficiencyRatio: period')));
}

/**
 * Kaufman's adaptive moving average (1995): y += c (x - y) with c = (er (2/3 - 2/31) + 2/31)^2. Starts at bar `period`, from
 * the value of the bar before it.
 */
export function kama(series: Series, period: number): Series {
  const values = valuesOf(series);
  const ratios = efficiency(values, wholePeriod(period, 'kama: period'));
  const made = new Float64Array(values.length).fill(Number.NaN);
  let state = Number.NaN;
  for (let i = 1; i < values.length; i++) {
    if (Number.isNaN(ratios[i])) continue;
    if (Number.isNaN(state)) state = values[i - 1];
    const root = ratios[i] * (FAST - SLOW) + SLOW;
    state += root * root * (values[i] - state);
    made[i] = state;
  }
  return makeSeries(made);
}

function efficiency(values: Float64Array, n: number): Float64Array {
  const path = windowSum(changesOf(values, 1).map(Math.abs), n);
  return changesOf(values, n).map((way, i) => (path[i] === 0 ? 0 : Math.min(1, Math.abs(way) / path[i])));
}
