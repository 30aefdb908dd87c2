import { globSync } from 'node:fs';
import { surrogateOf } from '../../../backtest/surrogate.ts';
import type { Random } from '../../../base/random.ts';
import { type BadPrintRule, findBadPrints, withoutBadPrints } from '../../../market/bad-prints.ts';
import type { Bars } from '../../../market/bars.ts';
import { readBarFile } from '../../../market/ingest/read-bars.ts';

/** Reads files of real 1-minute bars, in the order of their names, without their bad prints, as a run freezes them. Empty when none match. */
export async function realBars(pattern: string, format: 'bitfinex', rule: BadPrintRule): Promise<Bars> {
  const columns: number[][] = [[], [], [], [], [], []];
  for (const path of globSync(pattern).sort()) {
    for await (const batch of readBarFile(path, { format }, { onBad: () => {} })) {
      const { time, open, high, low, close, volume } = batch;
      for (const [at, column] of [time, open, high, low, close, volume].entries()) {
        for (let i = 0; i < batch.length; i++) columns[at].push(column[i]);
      }
    }
  }
  const [time, open, high, low, close, volume] = columns.map((column) => Float64Array.from(column));
  const bars = { length: time.length, time, open, high, low, close, volume };
  return withoutBadPrints(bars, findBadPrints(bars, rule), rule);
}

/**
 * The same bars with blocks of `block` consecutive bars in another order, chained close to close; times stay where they were. What lives
 * within a block survives (volatility clusters, jumps, the tape's fine print, the total return), what spans blocks does not.
 */
export function permuteBlocks(bars: Bars, block: number, random: Random): Bars {
  const count = Math.floor(bars.length / block);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const out = { open: copy(bars), high: copy(bars), low: copy(bars), close: copy(bars), volume: copy(bars) };
  let last = bars.open[0];
  for (let i = 0; i < bars.length; i++) {
    const at = i < count * block ? order[Math.floor(i / block)] * block + (i % block) : i;
    const scale = last / (at > 0 ? bars.close[at - 1] : bars.open[0]);
    out.open[i] = bars.open[at] * scale;
    out.high[i] = bars.high[at] * scale;
    out.low[i] = bars.low[at] * scale;
    out.close[i] = bars.close[at] * scale;
    out.volume[i] = bars.volume[at];
    last = out.close[i];
  }
  return { length: bars.length, time: bars.time, ...out };
}

/** The same bars with every minute mirrored in log price by the toss of a coin, as the null makes them: nothing can be forecast. */
export function flipMinutes(bars: Bars, index: number): Bars {
  const range = { from: bars.time[0], to: bars.time[bars.length - 1] };
  const [flipped] = surrogateOf([{ symbol: 'SIM', bars, range }], { index, holdMinutes: 1, drift: false });
  const { open, high, low, close, volume } = flipped.bars;
  // The next surrogate is written over this one.
  return {
    ...bars,
    open: open.slice(),
    high: high.slice(),
    low: low.slice(),
    close: close.slice(),
    volume: volume.slice(),
  };
}

function copy({ length }: Bars): Float64Array {
  return new Float64Array(length);
}
