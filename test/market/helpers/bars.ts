import { existsSync } from 'node:fs';
import { type Bars, MINUTE, TIMEFRAME_MS, type Timeframe } from '../../../src/market/bars.ts';
import { readBarFile } from '../../../src/market/ingest/read-bars.ts';

const SHARED = '../shared/data/bitfinex';

/** A real file of the shared data, or a visible reason to skip. */
export function sharedFile(name: string): { path: string; skip: string | false } {
  const path = `${SHARED}/${name}`;
  return { path, skip: existsSync(path) ? false : `${path} is not on this machine` };
}

/** All bars of files, read without the database. */
export async function barsOfFiles(paths: string[]): Promise<Bars> {
  const columns: number[][] = [[], [], [], [], [], []];
  for (const path of paths) {
    for await (const b of readBarFile(path, { format: 'bitfinex' }, { onBad: () => {} })) {
      [b.time, b.open, b.high, b.low, b.close, b.volume].forEach((column, k) => {
        for (let i = 0; i < b.length; i++) columns[k].push(column[i]);
      });
    }
  }
  const [time, open, high, low, close, volume] = columns.map((column) => Float64Array.from(column));
  return { length: time.length, time, open, high, low, close, volume };
}

/** Coarser bars by the plain definition: first open, highest high, lowest low, last close, sum of volume. */
export function aggregate(bars: Bars, timeframe: Timeframe): Map<number, number[]> {
  const buckets = new Map<number, number[]>();
  for (let i = 0; i < bars.length; i++) {
    const start = Math.floor(bars.time[i] / TIMEFRAME_MS[timeframe]) * TIMEFRAME_MS[timeframe];
    const at = buckets.get(start);
    const [o, h, l, c, v] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]];
    if (!at) buckets.set(start, [o, h, l, c, v]);
    else buckets.set(start, [at[0], Math.max(at[1], h), Math.min(at[2], l), c, at[4] + v]);
  }
  return buckets;
}

/** Runs of missing minutes as [first missing, first present, minutes], by the plain definition. */
export function gapsOf(bars: Bars): number[][] {
  const gaps: number[][] = [];
  for (let i = 1; i < bars.length; i++) {
    const minutes = (bars.time[i] - bars.time[i - 1]) / MINUTE - 1;
    if (minutes > 0) gaps.push([bars.time[i - 1] + MINUTE, bars.time[i], minutes]);
  }
  return gaps;
}
