import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { RalphError } from '../../src/base/errors.ts';
import { type Bars, barsOf, columnsOf, MINUTE } from '../../src/market/bars.ts';
import { MoveFinder, type Quality, refuseUnfit } from '../../src/market/quality.ts';
import { repairBars } from '../../src/market/repair.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { writeWindowFile } from '../../src/market/window-file.ts';
import { barsOfFiles, sharedFile } from './helpers/bars.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-quality-'));
after(() => rmSync(dir, { recursive: true }));
const START = Date.UTC(2021, 0, 1);
const { bars: calm } = simulateMarket({ seed: 1, minutes: 20_000, start: START, gapsPerYear: 0 });
const OPEN: Quality = { accept: [], participation: 0.1 };
const RULE = { factor: 4, neighbours: 5, minutes: 60 };

/** The calm market with a pause of two days in the middle, after which prices are `factor` times as high. */
function split(factor: number): { bars: Bars; at: number } {
  const columns = columnsOf(calm).map((column) => column.slice());
  for (let i = 10_000; i < calm.length; i++) {
    columns[0][i] += 2880 * MINUTE;
    for (let k = 1; k < 5; k++) columns[k][i] *= factor;
    columns[5][i] /= factor;
  }
  return { bars: barsOf(columns), at: columns[0][10_000] };
}

function judge(bars: Bars, quality: Quality): void {
  const path = join(dir, 'X.bars');
  const range = { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE };
  writeWindowFile(path, bars, { symbol: 'X', range, warmupMs: 0, provenance: 'test' });
  refuseUnfit([{ path, symbol: 'X' }], () => quality);
}

for (const factor of [1000, 2, 0.5]) {
  test(`prices ${factor} times as high after a pause are refused until adjusted or accepted`, () => {
    const { bars, at } = split(factor);
    const time = new Date(at).toISOString();
    assert.throws(
      () => judge(bars, OPEN),
      (error: RalphError) =>
        /may be a redenomination, a split or a misprint: jump at 2021-01-09 22:40 .* after 2880 minutes/.test(
          error.message,
        ) && error.remedy.includes(`adjust: [{ before: "${time}", prices: ${factor} }]`),
    );
    judge(bars, { ...OPEN, accept: [at] });
    judge(bars, { ...OPEN, accept: 'all' });
    const range = { from: 0, to: Number.POSITIVE_INFINITY };
    const { bars: put } = repairBars(bars, range, { ...RULE, adjust: [{ before: at, prices: factor }] });
    judge(put, OPEN);
    assert.ok(Math.abs(put.close[0] / (calm.close[0] * factor) - 1) < 1e-12);
    assert.ok(Math.abs(put.volume[0] * factor - calm.volume[0]) < 1e-9);
  });
}

test('a market without volumes is refused under a cap, with the remedy, and taken without one', () => {
  const silent = { ...calm, volume: new Float64Array(calm.length) };
  assert.throws(
    () => judge(silent, OPEN),
    (error: RalphError) => /nothing would ever fill/.test(error.message) && /participation: 0 for X/.test(error.remedy),
  );
  judge(silent, { ...OPEN, participation: 0 });
});

test('a market that never moves is refused', () => {
  const flat = new Float64Array(calm.length).fill(5);
  const bars = barsOf([calm.time, flat, flat, flat, flat, calm.volume]);
  assert.throws(() => judge(bars, OPEN), /the price of X is 5 in all of its 20000 bars/);
});

test('a wick that no neighbour supports is named; many of them are refused', () => {
  const high = calm.high.slice();
  for (let k = 1; k <= 11; k++) {
    high[k * 1000] *= 1.8;
    const finder = new MoveFinder();
    finder.add({ ...calm, high });
    assert.equal(finder.moves.filter(({ kind }) => kind === 'wick').length, k);
    if (k <= 10) judge({ ...calm, high }, OPEN);
  }
  assert.throws(() => judge({ ...calm, high }, OPEN), /wick at .* and 8 more/);
});

for (const name of ['BTCUSD-1m-2013.csv.gz', 'BTCUSD-1m-2014.csv.gz', 'LTCUSD-1m-2013.csv.gz']) {
  const { path, skip } = sharedFile(name);
  test(`the real crashes of ${name} are not refused`, { skip }, async () => {
    const read = await barsOfFiles([path]);
    judge(repairBars(read, { from: 0, to: Number.POSITIVE_INFINITY }, RULE).bars, OPEN);
  });
}
