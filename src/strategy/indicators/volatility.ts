import { makeSeries, type Series, valuesOf } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { returnsOf, trueRanges } from './kernels/ranges.ts';
import { wilder } from './kernels/smooth.ts';
import { windowSum } from './kernels/sums.ts';

const HALF_PI = Math.PI / 2;

/**
 * Realised volatility per bar as a fraction: root mean square of the last `period` simple returns from bar to bar, without
 * taking the mean off. Times sqrt(bars a year) it is annual.
 */
export function realisedVolatility(close: Series, period: number): Series {
  const n = wholePeriod(period, 'realisedVolatility: period');
  return makeSeries(windowSum(squaresOf(close), n).map((sum) => Math.sqrt(sum / n)));
}

/**
 * Share of the variance of the last `period` returns that came in jumps, 0 to 1: (RV - BV) / RV, at least 0, with BV the
 * bipower variation pi/2 x n/(n-1) x the sum of |r(i)| |r(i-1)| (Barndorff-Nielsen & Shephard 2004). 0 where nothing moved.
 */
export function jumpShare(close: Series, period: number): Series {
  const n = wholePeriod(period, 'jumpShare: period', 2);
  const total = windowSum(squaresOf(close), n);
  const smooth = windowSum(neighbourProducts(close), n - 1);
  return makeSeries(
    total.map((variance, i) => {
      const bipower = (HALF_PI * n * smooth[i]) / (n - 1);
      return variance === 0 ? 0 : Math.max(0, (variance - bipower) / variance);
    }),
  );
}

/**
 * This bar's return in units of the volatility that the `period` returns BEFORE it had, measured by bipower variation so
 * that an earlier jump does not hide this one (Lee & Mykland 2008), signed. Beyond 4 it is hardly chance. Without any
 * movement before: 0 for no move, NaN for one.
 */
export function jump(close: Series, period: number): Series {
  const n = wholePeriod(period, 'jump: period', 2);
  const smooth = windowSum(neighbourProducts(close), n - 1);
  return makeSeries(
    returnsOf(valuesOf(close)).map((value, i) => {
      if (i === 0) return Number.NaN;
      const deviation = Math.sqrt((HALF_PI * smooth[i - 1]) / (n - 1));
      return value === 0 && deviation === 0 ? 0 : deviation === 0 ? Number.NaN : value / deviation;
    }),
  );
}

function squaresOf(close: Series): Float64Array {
  return returnsOf(valuesOf(close)).map((value) => value * value);
}

function neighbourProducts(close: Series): Float64Array {
  const returns = returnsOf(valuesOf(close));
  return returns.map((value, i) => (i === 0 ? Number.NaN : Math.abs(value) * Math.abs(returns[i - 1])));
}

/** True range in price: max(high, previous close) - min(low, previous close); the first bar's is high - low. */
export function trueRange(high: Series, low: Series, close: Series): Series {
  const [highs, lows, closes] = columnsOf([high, low, close], 'trueRange');
  return makeSeries(trueRanges(highs, lows, closes));
}

/** Average true range (Wilder 1978) in price: Wilder's mean of the true range; the first value is at bar `period` - 1. */
export function atr(high: Series, low: Series, close: Series, period: number): Series {
  const n = wholePeriod(period, 'atr: period');
  const [highs, lows, closes] = columnsOf([high, low, close], 'atr');
  return makeSeries(wilder(trueRanges(highs, lows, closes), n));
}
