import { makeSeries, type Series, valuesOf } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { changesOf } from './kernels/ranges.ts';
import { exponential, wilder } from './kernels/smooth.ts';
import { windowRatio, windowSum, windowWeightedSum } from './kernels/sums.ts';

/**
 * Exponential moving average, seeded with the first number, alpha 2 / (period + 1). It has a value from the first bar on;
 * set `warmup` to two or three periods before you believe it.
 */
export function ema(series: Series, period: number): Series {
  return makeSeries(exponential(valuesOf(series), alphaOf(period, 'ema: period')));
}

/** Simple moving average of the last `period` values; NaN before there are that many. */
export function sma(series: Series, period: number): Series {
  const n = wholePeriod(period, 'sma: period');
  return makeSeries(windowSum(valuesOf(series), n).map((sum) => sum / n));
}

/** Linearly weighted moving average: weight `period` for this bar down to 1 for the oldest. */
export function wma(series: Series, period: number): Series {
  return makeSeries(weighted(valuesOf(series), wholePeriod(period, 'wma: period')));
}

/** Wilder's moving average: the plain mean of the first `period` numbers, then y += (x - y) / period. */
export function rma(series: Series, period: number): Series {
  return makeSeries(wilder(valuesOf(series), wholePeriod(period, 'rma: period')));
}

/** Double exponential moving average (Mulloy 1994): 2 ema - ema(ema), all seeded with the first number. */
export function dema(series: Series, period: number): Series {
  const alpha = alphaOf(period, 'dema: period');
  const once = exponential(valuesOf(series), alpha);
  const twice = exponential(once, alpha);
  return makeSeries(once.map((value, i) => 2 * value - twice[i]));
}

/** Triple exponential moving average (Mulloy 1994): 3 ema - 3 ema(ema) + ema(ema(ema)). */
export function tema(series: Series, period: number): Series {
  const alpha = alphaOf(period, 'tema: period');
  const once = exponential(valuesOf(series), alpha);
  const twice = exponential(once, alpha);
  const thrice = exponential(twice, alpha);
  return makeSeries(once.map((value, i) => 3 * value - 3 * twice[i] + thrice[i]));
}

/**
 * Hull moving average (2005): wma(2 wma(period / 2) - wma(period), sqrt(period)); half and root are rounded down, the half
 * to at least 1.
 */
export function hma(series: Series, period: number): Series {
  const n = wholePeriod(period, 'hma: period');
  const values = valuesOf(series);
  const half = weighted(values, Math.max(1, Math.floor(n / 2)));
  const whole = weighted(values, n);
  const leading = half.map((value, i) => 2 * value - whole[i]);
  return makeSeries(weighted(leading, Math.floor(Math.sqrt(n))));
}

/** Mean of a value weighted by volume over the last `period` bars; NaN where none of them traded. */
export function vwma(series: Series, volume: Series, period: number): Series {
  const n = wholePeriod(period, 'vwma: period');
  const [values, volumes] = columnsOf([series, volume], 'vwma');
  const money = values.map((value, i) => value * volumes[i]);
  return makeSeries(windowRatio(money, volumes, n));
}

function alphaOf(period: number, what: string): number {
  return 2 / (wholePeriod(period, what) + 1);
}

function weighted(values: Float64Array, n: number): Float64Array {
  return windowWeightedSum(values, n).map((sum) => sum / ((n * (n + 1)) / 2));
}

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
