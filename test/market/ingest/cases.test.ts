import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { Wish } from '../../../src/market/ingest/format/detect.ts';
import type { RowCounts } from '../../../src/market/ingest/format/row.ts';
import { type BadRow, readBarFile } from '../../../src/market/ingest/read-bars.ts';

const CASES = '../shared/cases/data';
const FIRST = Date.UTC(2021, 0, 4);
const LAST = FIRST + 599 * 60_000;

/** Files of people's bug reports: bars that must come out, and what must be said of them. */
const ROWS: readonly {
  file: string;
  wish?: Wish;
  bars: number;
  bad?: number;
  counts?: Partial<RowCounts>;
  notes?: string[];
  first?: number;
}[] = [
  { file: 'psql-timestamptz.csv', bars: 600 },
  { file: 'off-minute.csv', bars: 600, counts: { floored: 19, offsetMs: 14_789 } },
  { file: 'nan-minutes.csv', bars: 450, counts: { empty: 150 }, first: FIRST + 60_000 },
  { file: 'exact-duplicates.csv', bars: 600, counts: { duplicates: 6 } },
  { file: 'open-is-previous-close.csv', bars: 267, bad: 333 },
  { file: 'open-is-previous-close.csv', wish: { open: 'previous-close' }, bars: 600, counts: { clampedOpens: 333 } },
  { file: 'newest-first.csv', bars: 600 },
  { file: 'url-line.csv', bars: 600 },
  { file: 'ethbtc-two-volumes.csv', bars: 600, notes: ['the volume is "Volume ETH", not "Volume BTC"'] },
  { file: 'one-line.json', bars: 600 },
];

for (const { file, wish = {}, bars, bad = 0, counts = {}, notes = [], first = FIRST } of ROWS) {
  const path = `${CASES}/${file}`;
  const skip = existsSync(path) ? false : `${path} is not on this machine`;
  test(`${file} ${JSON.stringify(wish)}: ${bars} bars`, { skip }, async () => {
    const refused: BadRow[] = [];
    let [said, counted]: [readonly string[], RowCounts | null] = [[], null];
    const hear = {
      onBad: (row: BadRow) => refused.push(row),
      onReading: (reading: { notes: readonly string[] }) => {
        said = reading.notes;
      },
      onCounts: (all: RowCounts) => {
        counted = all;
      },
    };
    const read: number[][] = [];
    for await (const b of readBarFile(path, wish, hear)) {
      for (let i = 0; i < b.length; i++)
        read.push([b.time[i], b.open[i], b.high[i], b.low[i], b.close[i], b.volume[i]]);
    }
    assert.deepEqual([read.length, refused.length, read[0][0]], [bars, bad, first]);
    if (bad === 0) assert.equal(read.at(-1)![0], LAST);
    const none = { duplicates: 0, empty: 0, floored: 0, offsetMs: 0, clampedOpens: 0 };
    assert.deepEqual(counted, { ...none, ...counts });
    assert.deepEqual(said, notes);
    for (const [time, open, high, low, close] of read) {
      assert.ok(time % 60_000 === 0 && low <= Math.min(open, close) && high >= Math.max(open, close));
    }
    if (file === 'ethbtc-two-volumes.csv') assert.equal(read[0][5], 1.913493);
  });
}
