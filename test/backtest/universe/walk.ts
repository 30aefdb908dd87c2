import { seededRandom } from '../../../src/base/random.ts';
import { type Bars, MINUTE } from '../../../src/market/bars.ts';

/** A random walk with a missing minute now and then: a share of `gaps`. */
export function walk(seed: number, minutes: number, start = Date.UTC(2020, 0, 1), gaps = 0.05): Bars {
  const random = seededRandom(`walk ${seed}`);
  const rows: number[][] = [];
  let price = 50 + 50 * random();
  for (let i = 0; i < minutes; i++) {
    const open = price;
    price *= 1 + 0.004 * (random() - 0.5);
    const [high, low] = [
      Math.max(open, price) * (1 + 0.001 * random()),
      Math.min(open, price) * (1 - 0.001 * random()),
    ];
    if (i === 0 || random() > gaps) rows.push([start + i * MINUTE, open, high, low, price, 100 * random()]);
  }
  const column = (k: number) => Float64Array.from(rows, (row) => row[k]);
  const [time, open, high, low, close, volume] = [0, 1, 2, 3, 4, 5].map(column);
  return { length: rows.length, time, open, high, low, close, volume };
}
