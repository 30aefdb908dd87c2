import { type Bars, DAY } from '../../market/bars.ts';

export interface PlainResult {
  readonly equity: number;
  readonly maxDrawdown: number;
  readonly entries: number;
}

/**
 * The practical limit: EMA cross, long or flat, fill at the next open, stop below the signal's close, fees, equity and drawdown
 * on every bar, equity of every day; one loop over typed arrays with nothing between it and the numbers.
 */
export function plainCross(bars: Bars, fast: number, slow: number, stopShare: number, fee: number): PlainResult {
  const { time, open, low, close, length } = bars;
  const quick = average(close, fast);
  const calm = average(close, slow);
  const days = new Float64Array(Math.ceil(length / 1440) + 1);
  let [cash, position, stop, pending, entries, day] = [10_000_000, 0, -Infinity, 0, 0, 0];
  let [peak, maxDrawdown, midnight] = [cash, 0, time[0] + DAY];
  for (let i = 0; i < length; i++) {
    if (time[i] >= midnight) {
      days[day++] = cash + position * close[i - 1];
      midnight += DAY;
    }
    if (pending > 0) {
      position = 1;
      cash -= open[i] * (1 + fee);
      entries += 1;
    } else if (pending < 0 && position > 0) {
      position = 0;
      cash += open[i] * (1 - fee);
      stop = -Infinity;
    }
    pending = 0;
    if (position > 0 && low[i] <= stop) {
      cash += (open[i] < stop ? open[i] : stop) * (1 - fee);
      position = 0;
      stop = -Infinity;
    }
    const equity = cash + position * close[i];
    if (equity > peak) peak = equity;
    else if (peak - equity > maxDrawdown * peak) maxDrawdown = (peak - equity) / peak;
    if (i < slow) continue;
    if (quick[i] > calm[i]) {
      if (position === 0) {
        pending = 1;
        stop = close[i] * stopShare;
      }
    } else if (position > 0) pending = -1;
  }
  return { equity: cash + position * close[length - 1], maxDrawdown, entries };
}

function average(values: Float64Array, n: number): Float64Array {
  const alpha = 2 / (n + 1);
  const decay = 1 - alpha;
  const smooth = new Float64Array(values.length);
  let state = values[0];
  smooth[0] = state;
  for (let i = 1; i < values.length; i++) {
    state = alpha * values[i] + decay * state;
    smooth[i] = state;
  }
  return smooth;
}
