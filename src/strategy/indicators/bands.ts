import { makeSeries, type Series, valuesOf } from '../series.ts';
import { columnsOf, finiteNumber, wholePeriod } from './kernels/arguments.ts';
import { windowMax, windowMin } from './kernels/extremes.ts';
import { windowMoments } from './kernels/moments.ts';
import { trueRanges } from './kernels/ranges.ts';
import { exponential, wilder } from './kernels/smooth.ts';

/** A channel around the price, in price. */
export type Bands = Readonly<Record<'upper' | 'middle' | 'lower', Series>>;

/** Bollinger bands: the mean of the last `period` values and `width` population standard deviations (divisor n) either side. */
export function bollinger(series: Series, period: number, width = 2): Bands {
  const n = wholePeriod(period, 'bollinger: period');
  const k = finiteNumber(width, 'bollinger: width');
  const { mean, squares } = windowMoments(valuesOf(series), n);
  const deviations = squares.map((sum) => k * Math.sqrt(sum / n));
  return around(mean, deviations);
}

/** Keltner channel as Raschke draws it: ema(close, period) and `width` times atr(period) either side. */
export function keltner(high: Series, low: Series, close: Series, period: number, width = 2): Bands {
  const n = wholePeriod(period, 'keltner: period');
  const k = finiteNumber(width, 'keltner: width');
  const [highs, lows, closes] = columnsOf([high, low, close], 'keltner');
  const ranges = wilder(trueRanges(highs, lows, closes), n).map((range) => k * range);
  return around(exponential(closes, 2 / (n + 1)), ranges);
}

/**
 * Donchian channel: highest high and lowest low of the last `period` bars, THIS bar included, and their middle. A close
 * can therefore never be beyond it; compare with `now.ago('upper', 1)` for a breakout.
 */
export function donchian(high: Series, low: Series, period: number): Bands {
  const n = wholePeriod(period, 'donchian: period');
  const [highs, lows] = columnsOf([high, low], 'donchian');
  const upper = windowMax(highs, n);
  const lower = windowMin(lows, n);
  return {
    upper: makeSeries(upper),
    middle: makeSeries(upper.map((value, i) => (value + lower[i]) / 2)),
    lower: makeSeries(lower),
  };
}

function around(middle: Float64Array, width: Float64Array): Bands {
  return {
    upper: makeSeries(middle.map((value, i) => value + width[i])),
    middle: makeSeries(middle),
    lower: makeSeries(middle.map((value, i) => value - width[i])),
  };
}
