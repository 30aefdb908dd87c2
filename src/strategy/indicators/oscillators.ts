import { makeSeries, type Series, valuesOf } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { barsSinceExtreme, windowMax, windowMin } from './kernels/extremes.ts';
import { trueRanges, typicalPrices } from './kernels/ranges.ts';
import { exponential, wilder } from './kernels/smooth.ts';
import { windowSum } from './kernels/sums.ts';

/** Both lines of the stochastic oscillator, 0 to 100. */
export type Stochastic = Readonly<Record<'k' | 'd', Series>>;

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
export type Aroon = Readonly<Record<'up' | 'down' | 'oscillator', Series>>;

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

/**
 * Relative strength index (Wilder 1978), 0 to 100: Wilder means of the rises and of the falls from close to close, the
 * first over the first `period` changes, so the first value is at bar `period`. Only rises: 100; no change at all: 50.
 */
export function rsi(series: Series, period: number): Series {
  const n = wholePeriod(period, 'rsi: period');
  const values = valuesOf(series);
  const rises = new Float64Array(values.length).fill(Number.NaN);
  const falls = new Float64Array(values.length).fill(Number.NaN);
  let before = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const change = values[i] - before;
    before = values[i];
    if (Number.isNaN(change)) continue;
    rises[i] = change > 0 ? change : 0;
    falls[i] = change < 0 ? -change : 0;
  }
  const up = wilder(rises, n);
  const down = wilder(falls, n);
  return makeSeries(up.map((rise, i) => (rise === 0 && down[i] === 0 ? 50 : (100 * rise) / (rise + down[i]))));
}

/** Moving average convergence divergence, in price. */
export type Macd = Readonly<Record<'line' | 'signal' | 'histogram', Series>>;

/** MACD: ema(fast) - ema(slow), its own ema as the signal, and their difference; EMAs seeded with the first number as in `ema`. */
export function macd(series: Series, fast = 12, slow = 26, signal = 9): Macd {
  const smooth = (values: Float64Array, period: number, what: string) =>
    exponential(values, 2 / (wholePeriod(period, `macd: ${what}`) + 1));
  const values = valuesOf(series);
  const slowly = smooth(values, slow, 'slow');
  const line = smooth(values, fast, 'fast').map((value, i) => value - slowly[i]);
  const signals = smooth(line, signal, 'signal');
  return {
    line: makeSeries(line),
    signal: makeSeries(signals),
    histogram: makeSeries(line.map((value, i) => value - signals[i])),
  };
}

/** Directional movement, each 0 to 100. */
export type DirectionalMovement = Readonly<Record<'adx' | 'plus' | 'minus', Series>>;

/**
 * Average directional index (Wilder 1978). Movements and true ranges start at bar 1, `plus` and `minus` have values
 * from bar `period`, `adx` from bar 2 `period` - 1. Without any movement the index is 0.
 */
export function adx(high: Series, low: Series, close: Series, period: number): DirectionalMovement {
  const n = wholePeriod(period, 'adx: period');
  const [highs, lows, closes] = columnsOf([high, low, close], 'adx');
  const ranges = trueRanges(highs, lows, closes);
  // The first bar has a range but no movement; both averages must be of the same bars.
  ranges.fill(Number.NaN, 0, 1);
  const range = wilder(ranges, n);
  const plus = wilder(movements(highs, lows, 1), n).map((sum, i) => share(sum, range[i]));
  const minus = wilder(movements(highs, lows, -1), n).map((sum, i) => share(sum, range[i]));
  const index = plus.map((up, i) => share(Math.abs(up - minus[i]), up + minus[i]));
  return { adx: makeSeries(wilder(index, n)), plus: makeSeries(plus), minus: makeSeries(minus) };
}

/** How far each bar reached beyond the one before, up (1) or down (-1); 0 when it reached further the other way. */
function movements(high: Float64Array, low: Float64Array, sign: 1 | -1): Float64Array {
  const moves = new Float64Array(high.length).fill(Number.NaN);
  for (let i = 1; i < high.length; i++) {
    const up = high[i] - high[i - 1];
    const down = low[i - 1] - low[i];
    const own = sign === 1 ? up : down;
    const other = sign === 1 ? down : up;
    moves[i] = Number.isNaN(own + other) ? Number.NaN : own > other && own > 0 ? own : 0;
  }
  return moves;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
