import { type Random, seededRandom } from '../../../src/base/random.ts';
import type { Columns } from './catalogue.ts';

const HOUR = 3_600_000;

/** A seeded walk on a tick of 0.01 with gaps in time and flat, quiet and wild stretches. `time` is when each bar closed. */
export function walk(length: number, seed: number): Columns {
  const random = seededRandom(seed);
  const column = () => new Float64Array(length);
  const columns = { open: column(), high: column(), low: column(), close: column(), volume: column(), time: column() };
  const onTick = (value: number) => Math.max(0.01, Math.round(value * 100) / 100);
  let [price, time, size] = [100, 1_451_606_400_000, 0.5];
  for (let i = 0; i < length; i++) {
    if (random() < 0.02) size = [0, 0.1, 0.5, 3][Math.floor(random() * 4)];
    time += random() < 0.02 ? HOUR * Math.floor(2 + random() * 40) : HOUR;
    const open = onTick(price + (random() < 0.1 ? size * bell(random) : 0));
    const close = onTick(open + size * bell(random));
    columns.open[i] = open;
    columns.close[i] = close;
    columns.high[i] = Math.max(open, close, onTick(Math.max(open, close) + size * random()));
    columns.low[i] = Math.min(open, close, onTick(Math.min(open, close) - size * random()));
    columns.volume[i] = size === 0 || random() < 0.05 ? 0 : Math.round(random() * 1e4) / 100;
    columns.time[i] = time;
    price = Math.max(20, close);
  }
  return columns;
}

/** About normal, and without a logarithm: the same on every machine. */
function bell(random: Random): number {
  return 2 * (random() + random() + random() - 1.5);
}

/** The same columns with bars left out, bar by bar. */
export function sliced(columns: Columns, from: number, to: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, column.slice(from, to)])) as Columns;
}
