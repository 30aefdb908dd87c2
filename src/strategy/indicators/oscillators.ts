import { makeSeries, type Series } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { barsSinceExtreme, windowMax, windowMin } from './kernels/extremes.ts';
import { typicalPrices } from './kernels/ranges.ts';
import { windowSum } from './kernels/sums.ts';

/** Both lines of the stochastic oscillator, 0 to 100. */
export type Stochastic = {
  readonly k: Series;
  readonly d: Series;
};

/**
 * Stochastic oscillator (Lane): where the close lies in the range of the last `period` bars, smoothed by a simple mean of
 * `smooth` bars (1: the fast one), and its simple mean of `signal` bars. 50 where there is no range.
 */
export function stochastic(
  high: Series,
  low: Series,
  close: Series,
  period: number,
  smooth = 3,
  signal = 3,
): Stochastic {
  const n = wholePeriod(period, 'stochastic: period');
  const slow = wholePeriod(smooth, 'stochastic: smooth');
  const second = wholePeriod(signal, 'stochastic: signal');
  const raw = placeInRange(columnsOf([high, low, close], 'stochastic'), n).map((place) => 100 * place);
  const k = windowSum(raw, slow).map((sum) => sum / slow);
  return { k: makeSeries(k), d: makeSeries(windowSum(k, second).map((sum) => sum / second)) };
}

/** Williams %R, -100 to 0: 0 when the close is the highest high of the last `period` bars; -50 where there is no range. */
export function williamsR(high: Series, low: Series, close: Series, period: number): Series {
  const n = wholePeriod(period, 'williamsR: period');
  return makeSeries(placeInRange(columnsOf([high, low, close], 'williamsR'), n).map((place) => 100 * place - 100));
}

/**
 * Commodity channel index (Lambert 1980): typical price minus its mean, over 0.015 times the mean absolute deviation from
 * that mean, over the last `period` bars; 0 where nothing deviated. O(length x period): absolute deviations do not merge.
 */
export function cci(high: Series, low: Series, close: Series, period: number): Series {
  const n = wholePeriod(period, 'cci: period');
  const [highs, lows, closes] = columnsOf([high, low, close], 'cci');
  const prices = typicalPrices(highs, lows, closes);
  return makeSeries(
    windowSum(prices, n).map((sum, i) => {
      if (Number.isNaN(sum)) return sum;
      const mean = sum / n;
      let deviation = 0;
      for (let k = i - n + 1; k <= i; k++) deviation += Math.abs(prices[k] - mean);
      return deviation === 0 ? 0 : (prices[i] - mean) / ((0.015 * deviation) / n);
    }),
  );
}

/** Aroon lines, 0 to 100, and up minus down, -100 to 100. */
export type Aroon = {
  readonly up: Series;
  readonly down: Series;
  readonly oscillator: Series;
};

/**
 * Aroon (Chande 1995): 100 x (period - bars since the highest high of the last `period` + 1 bars) / period, and the same
 * for the lowest low. Of equal extremes the latest counts.
 */
export function aroon(high: Series, low: Series, period: number): Aroon {
  const n = wholePeriod(period, 'aroon: period');
  const [highs, lows] = columnsOf([high, low], 'aroon');
  const up = barsSinceExtreme(highs, n + 1, 1).map((since) => (100 * (n - since)) / n);
  const down = barsSinceExtreme(lows, n + 1, -1).map((since) => (100 * (n - since)) / n);
  return {
    up: makeSeries(up),
    down: makeSeries(down),
    oscillator: makeSeries(up.map((value, i) => value - down[i])),
  };
}

/** 0 at the lowest low, 1 at the highest high of the last n bars, a half where there is no range. */
function placeInRange([high, low, close]: Float64Array[], n: number): Float64Array {
  const top = windowMax(high, n);
  const bottom = windowMin(low, n);
  return close.map((value, i) => {
    const range = top[i] - bottom[i];
    return range === 0 ? 0.5 : (value - bottom[i]) / range;
  });
}
