import { mixed } from '../base/random.ts';
import { type Bars, DAY, MINUTE } from '../market/bars.ts';
import type { PriceColumns } from './view/scratch.ts';

interface Blur {
  readonly deviation: number;
  readonly seed: number;
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

/** Writes the window with the prices of every bar times a random factor near 1, and its volume times another. The columns may be those of the bars. */
export function blur(columns: PriceColumns, bars: Bars, { deviation, seed }: Blur): void {
  const scale = (Math.sqrt(12) * deviation) / 0x10000;
  const volumeScale = deviation > 0 ? (Math.sqrt(12) * VOLUME_NOISE) / 0x10000 : 0;
  for (let i = 0; i < bars.length; i++) {
    const random = mixed(seed, i);
    const factor = 1 + scale * ((random & 0xffff) - 0x8000);
    columns.open[i] = bars.open[i] * factor;
    columns.high[i] = bars.high[i] * factor;
    columns.low[i] = bars.low[i] * factor;
    columns.close[i] = bars.close[i] * factor;
    columns.volume[i] = bars.volume[i] * (1 + volumeScale * ((random >>> 16) - 0x8000));
  }
}
