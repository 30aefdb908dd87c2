import { makeSeries, type Series } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { trueRanges } from './kernels/ranges.ts';
import { wilder } from './kernels/smooth.ts';

/** Directional movement, each 0 to 100. */
export type DirectionalMovement = {
  readonly adx: Series;
  readonly plus: Series;
  readonly minus: Series;
};

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
