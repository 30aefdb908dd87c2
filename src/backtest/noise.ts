import { mixed } from '../base/random.ts';
import { type Bars, barsOf, DAY, MINUTE } from '../market/bars.ts';
import { writeTape } from './minute/tape.ts';
import { COLUMNS, type Scratch } from './view/scratch.ts';

interface Blur {
  readonly deviation: number;
  readonly seed: number;
  readonly universe: boolean;
  readonly taped: boolean;
}

/** Noise on prices as a share of the volatility of a minute: 1.3 basis points on BTCUSD 2013-15. */
const NOISE = 0.1;
/** Noise on volumes as a share of the volume. */
const VOLUME_NOISE = 0.01;

/** Standard deviation of the noise on prices. The volatility is that of daily changes, since bounce makes that of minutes too large. */
export function noiseOf({ length, time, close }: Bars, from: number): number {
  let [last, sum, minutes] = [-1, 0, 0];
  for (let i = 0; i < length; i++) {
    if (time[i] < from || (last >= 0 && time[i] < time[last] + DAY)) continue;
    if (last >= 0) {
      sum += Math.log(close[i] / close[last]) ** 2;
      minutes += (time[i] - time[last]) / MINUTE;
    }
    last = i;
  }
  return minutes > 0 ? NOISE * Math.sqrt(sum / minutes) : 0;
}

/** Writes the window with the prices of every bar times a random factor near 1, and its volume times another. */
export function blur(
  { columns, tape, squares }: Scratch,
  bars: Bars,
  { deviation, seed, universe, taped }: Blur,
): void {
  const scale = (Math.sqrt(12) * deviation) / 0x10000;
  const volumeScale = deviation > 0 ? (Math.sqrt(12) * VOLUME_NOISE) / 0x10000 : 0;
  for (let i = 0, sum = 0, before = bars.length > 0 ? bars.open[0] : 1; i < bars.length; i++) {
    const random = mixed(seed, i);
    const factor = 1 + scale * ((random & 0xffff) - 0x8000);
    const level = bars.close[i] * factor;
    columns.open[i] = bars.open[i] * factor;
    columns.high[i] = bars.high[i] * factor;
    columns.low[i] = bars.low[i] * factor;
    columns.close[i] = level;
    columns.volume[i] = bars.volume[i] * (1 + volumeScale * ((random >>> 16) - 0x8000));
    if (universe) continue;
    sum += (level - before) ** 2;
    squares[i + 1] = sum;
    before = level;
  }
  if (taped) writeTape(tape, barsOf(COLUMNS.map((name) => columns[name])), 0, bars.length);
}
