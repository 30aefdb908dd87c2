import { makeSeries, type Series } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { typicalPrices } from './kernels/ranges.ts';
import { windowRatio, windowSum } from './kernels/sums.ts';

const DAY = 86_400_000;

/**
 * On-balance volume (Granville 1963) in base units: volume added on a higher close, taken off on a lower one, 0 at the first
 * bar. Where it starts depends on the data, so use its changes and never its level. Bars with NaN are passed over.
 */
export function obv(close: Series, volume: Series): Series {
  const [closes, volumes] = columnsOf([close, volume], 'obv');
  const made = new Float64Array(closes.length).fill(Number.NaN);
  let [before, level] = [Number.NaN, 0];
  for (let i = 0; i < made.length; i++) {
    if (Number.isNaN(closes[i] + volumes[i])) continue;
    if (closes[i] > before) level += volumes[i];
    else if (closes[i] < before) level -= volumes[i];
    before = closes[i];
    made[i] = level;
  }
  return makeSeries(made);
}

/** Volume-weighted mean of the typical price (high + low + close) / 3 of the last `period` bars; NaN where none of them traded. */
export function vwap(high: Series, low: Series, close: Series, volume: Series, period: number): Series {
  const n = wholePeriod(period, 'vwap: period');
  const [highs, lows, closes, volumes] = columnsOf([high, low, close, volume], 'vwap');
  const money = typicalPrices(highs, lows, closes).map((price, i) => price * volumes[i]);
  return makeSeries(windowRatio(money, volumes, n));
}

/** VWAP from UTC midnight to this bar, `time` being the bars' own, which a strategy with `seasonal: true` is given; NaN until the day has traded. */
export function dayVwap(high: Series, low: Series, close: Series, volume: Series, time: Series): Series {
  const [highs, lows, closes, volumes, times] = columnsOf([high, low, close, volume, time], 'dayVwap');
  const prices = typicalPrices(highs, lows, closes);
  let [day, money, traded] = [Number.NaN, 0, 0];
  return makeSeries(
    prices.map((price, i) => {
      // A bar is stamped with its end: the one that closes at midnight still belongs to the day before.
      const today = Math.floor((times[i] - 1) / DAY);
      if (today !== day) [day, money, traded] = [today, 0, 0];
      money += price * volumes[i];
      traded += volumes[i];
      return traded > 0 ? money / traded : Number.NaN;
    }),
  );
}

/**
 * Money flow index (Quong & Soudack 1989), 0 to 100: the RSI formula over sums of typical price x volume of the last
 * `period` changes of the typical price. Nothing flowed: 50. The first value is at bar `period`.
 */
export function mfi(high: Series, low: Series, close: Series, volume: Series, period: number): Series {
  const n = wholePeriod(period, 'mfi: period');
  const [highs, lows, closes, volumes] = columnsOf([high, low, close, volume], 'mfi');
  const prices = typicalPrices(highs, lows, closes);
  const flow = (sign: 1 | -1) =>
    windowSum(
      prices.map((price, i) => {
        if (i === 0) return Number.NaN;
        const change = price - prices[i - 1];
        return Number.isNaN(change) ? change : change * sign > 0 ? price * volumes[i] : 0;
      }),
      n,
    );
  const out = flow(-1);
  return makeSeries(flow(1).map((into, i) => (into === 0 && out[i] === 0 ? 50 : (100 * into) / (into + out[i]))));
}

/**
 * Chaikin money flow, -1 to 1: volume weighted by where the close lies in its bar, over the volume of the last `period` bars.
 * A bar without a range counts as the middle; NaN where nothing traded.
 */
export function cmf(high: Series, low: Series, close: Series, volume: Series, period: number): Series {
  const n = wholePeriod(period, 'cmf: period');
  const [highs, lows, closes, volumes] = columnsOf([high, low, close, volume], 'cmf');
  const pressed = closes.map((value, i) => {
    const range = highs[i] - lows[i];
    return range === 0 ? 0 : ((value - lows[i] - (highs[i] - value)) / range) * volumes[i];
  });
  return makeSeries(windowRatio(pressed, volumes, n));
}
