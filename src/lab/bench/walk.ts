import { gaussian, seededRandom } from '../../base/random.ts';
import { type Bars, MINUTE } from '../../market/bars.ts';

/** A seeded random walk of `length` minutes without gaps, each bar with its own high and low. */
export function walk(length: number, seed: number): Bars {
  const random = seededRandom(seed);
  const column = () => new Float64Array(length);
  const bars = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  const start = Date.UTC(2015, 0, 1);
  let price = 10_000;
  for (let i = 0; i < length; i++) {
    const open = price;
    price *= 1 + 0.0008 * gaussian(random);
    bars.time[i] = start + i * MINUTE;
    bars.open[i] = open;
    bars.close[i] = price;
    bars.high[i] = Math.max(open, price) * (1 + 0.0003 * random());
    bars.low[i] = Math.min(open, price) * (1 - 0.0003 * random());
    bars.volume[i] = 1 + random();
  }
  return { length, ...bars };
}
