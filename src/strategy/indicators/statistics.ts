import { makeSeries, type Series, valuesOf } from '../series.ts';
import { columnsOf, finiteNumber, wholePeriod } from './kernels/arguments.ts';
import { windowComoments } from './kernels/moments.ts';
import { SortedWindow } from './kernels/sorted-window.ts';
import { windowSum, windowWeightedSum } from './kernels/sums.ts';

/** Pearson correlation of two series over the last `period` bars, -1 to 1; NaN where one of them did not move. */
export function correlation(a: Series, b: Series, period: number): Series {
  const n = wholePeriod(period, 'correlation: period', 2);
  const [x, y] = columnsOf([a, b], 'correlation');
  const { xx, xy, yy } = windowComoments(x, y, n);
  return makeSeries(
    xy.map((product, i) => {
      const size = Math.sqrt(xx[i]) * Math.sqrt(yy[i]);
      return size > 0 ? Math.max(-1, Math.min(1, product / size)) : Number.NaN;
    }),
  );
}

/** Slope of the least-squares line through the last `period` values, in value per bar. */
export function slope(series: Series, period: number): Series {
  const n = wholePeriod(period, 'slope: period', 2);
  const values = valuesOf(series);
  const sums = windowSum(values, n);
  // With x = 1..n the slope is 12 (sum of x y - mean of x times sum of y) / (n (n^2 - 1)).
  return makeSeries(
    windowWeightedSum(values, n).map((products, i) => (12 * (products - ((n + 1) / 2) * sums[i])) / (n * (n * n - 1))),
  );
}

/**
 * Share of the `period` values BEFORE this one that are not above it, 0 to 1: 1 is a new high. NaN while one of them is NaN.
 * O(log period) comparisons a bar.
 */
export function percentileRank(series: Series, period: number): Series {
  const n = wholePeriod(period, 'percentileRank: period');
  const values = valuesOf(series);
  const window = new SortedWindow(Math.min(n, values.length));
  return makeSeries(
    values.map((value, i) => {
      const rank = window.missing === 0 && i >= n ? window.countUpTo(value) / n : Number.NaN;
      if (i >= n) window.remove(values[i - n]);
      window.add(value);
      return rank;
    }),
  );
}

/**
 * Quantile of the last `period` values, `share` 0 to 1 (0.5: the median), linear between neighbours (type 7 of Hyndman
 * & Fan 1996). NaN while one of them is NaN.
 */
export function quantile(series: Series, period: number, share = 0.5): Series {
  const n = wholePeriod(period, 'quantile: period');
  const place = Math.max(0, Math.min(1, finiteNumber(share, 'quantile: share'))) * (n - 1);
  const values = valuesOf(series);
  const window = new SortedWindow(Math.min(n, values.length));
  return makeSeries(
    values.map((value, i) => {
      if (i >= n) window.remove(values[i - n]);
      window.add(value);
      return window.missing === 0 && i >= n - 1 ? window.at(place) : Number.NaN;
    }),
  );
}
