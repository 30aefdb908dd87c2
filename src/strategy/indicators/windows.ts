import { makeSeries, type Series, valuesOf } from '../series.ts';
import { wholePeriod } from './kernels/arguments.ts';
import { windowMax, windowMin } from './kernels/extremes.ts';
import { windowMoments } from './kernels/moments.ts';
import { changesOf, returnsOf } from './kernels/ranges.ts';
import { windowSum } from './kernels/sums.ts';

/** Largest of the last `period` values, this bar included. */
export function highest(series: Series, period: number): Series {
  return makeSeries(windowMax(valuesOf(series), wholePeriod(period, 'highest: period')));
}

/** Smallest of the last `period` values, this bar included. */
export function lowest(series: Series, period: number): Series {
  return makeSeries(windowMin(valuesOf(series), wholePeriod(period, 'lowest: period')));
}

/** Sum of the last `period` values. */
export function sum(series: Series, period: number): Series {
  return makeSeries(windowSum(valuesOf(series), wholePeriod(period, 'sum: period')));
}

/** Population standard deviation (divisor n) of the last `period` values. */
export function stdev(series: Series, period: number): Series {
  const n = wholePeriod(period, 'stdev: period');
  return makeSeries(windowMoments(valuesOf(series), n).squares.map((squares) => Math.sqrt(squares / n)));
}

/** Distance from the mean of the last `period` values in population standard deviations; 0 where nothing deviated. */
export function zscore(series: Series, period: number): Series {
  const n = wholePeriod(period, 'zscore: period');
  const values = valuesOf(series);
  const { mean, squares } = windowMoments(values, n);
  return makeSeries(values.map((value, i) => (squares[i] === 0 ? 0 : (value - mean[i]) / Math.sqrt(squares[i] / n))));
}

/** The value `bars` bars ago. */
export function lag(series: Series, bars: number): Series {
  const n = wholePeriod(bars, 'lag: bars', 0);
  const values = valuesOf(series);
  const made = new Float64Array(values.length).fill(Number.NaN);
  for (let i = n; i < made.length; i++) made[i] = values[i - n];
  return makeSeries(made);
}

/** Momentum: the value minus the one `period` bars ago. */
export function momentum(series: Series, period: number): Series {
  return makeSeries(changesOf(valuesOf(series), wholePeriod(period, 'momentum: period')));
}

/** Rate of change as a FRACTION of the value `period` bars ago (0.02 is 2%). */
export function roc(series: Series, period: number): Series {
  return makeSeries(returnsOf(valuesOf(series), wholePeriod(period, 'roc: period')));
}
