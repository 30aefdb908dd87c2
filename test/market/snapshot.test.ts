import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RalphError } from '../../src/base/errors.ts';
import { type Bars, DAY, MINUTE } from '../../src/market/bars.ts';
import { ingest } from '../../src/market/ingest/ingest.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { freezeWindows, readWindowFile } from '../../src/market/snapshot.ts';
import { storeBars } from '../../src/market/store/store-bars.ts';
import { verifyWindowFile, writeWindowFile } from '../../src/market/window-file.ts';
import type { Windows } from '../../src/market/windows.ts';
import { sharedDatabase } from './helpers/database.ts';

const START = Date.UTC(2020, 0, 1);
const day = (k: number) => START + k * DAY;
const WINDOWS: Windows = {
  train: { from: day(5), to: day(15) },
  selection: [{ from: day(17), to: day(20) }],
  holdout: { from: day(22), to: day(28) },
  embargoMs: 2 * DAY,
  warmupMs: 3 * DAY,
};
const { bars } = simulateMarket({ seed: 5, minutes: 30 * 1440, start: START, gapsPerYear: 200 });
const freeze = (name = 'frozen') => freezeWindows(db(), { windows: WINDOWS, symbols: ['SIM'], dir: join(dir(), name) });

const { db, dir } = sharedDatabase((database) => storeBars(database, 'SIM', bars, 'test'));

/** The bars of a stretch by a plain loop. */
function cut(from: number, to: number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < bars.length; i++) {
    if (bars.time[i] >= from && bars.time[i] < to) rows.push(rowOf(bars, i));
  }
  return rows;
}
const rowOf = (b: Bars, i: number) => [b.time[i], b.open[i], b.high[i], b.low[i], b.close[i], b.volume[i]];

test('a window holds its bars and the warm-up before it, marked; gaps are counted, nothing is invented', async () => {
  const frozen = await freeze();
  for (const [file, range] of [
    [frozen.train[0], WINDOWS.train],
    [frozen.selection[0][0], WINDOWS.selection[0]],
    [frozen.holdout[0], WINDOWS.holdout],
  ] as const) {
    const data = readWindowFile(file.path);
    const wanted = cut(range.from - WINDOWS.warmupMs, range.to);
    assert.deepEqual(
      Array.from({ length: data.bars.length }, (_, i) => rowOf(data.bars, i)),
      wanted,
    );
    assert.equal(data.warmupBars, cut(range.from - WINDOWS.warmupMs, range.from).length);
    assert.deepEqual(data.range, range);
    const inside = cut(range.from, range.to);
    assert.equal(file.bars, inside.length);
    let missing = 0;
    const first = wanted.findIndex(([time]) => time >= range.from);
    for (let i = first + 1; i < wanted.length; i++) missing += (wanted[i][0] - wanted[i - 1][0]) / MINUTE - 1;
    assert.equal(file.gapMinutes, missing);
  }
});

test('freezing again reuses the files; another database gives the same fingerprints', async () => {
  const first = await freeze();
  const inode = statSync(first.train[0].path).ino;
  assert.deepEqual(await freeze(), first);
  assert.equal(statSync(first.train[0].path).ino, inode);
  const elsewhere = await freeze('elsewhere');
  assert.equal(elsewhere.fingerprint, first.fingerprint);
});

const DAMAGES: [string, (path: string) => void][] = [
  ['a flipped bit in a column', (path) => flip(path, statSync(path).size - 9000)],
  ['a flipped bit in the header', (path) => flip(path, 40)],
  ['a file cut short', (path) => truncateSync(path, 5000)],
  ['an empty file', (path) => truncateSync(path, 0)],
  ['a file of something else', (path) => writeFileSync(path, 'time,open\n'.repeat(100))],
  ['a missing file', (path) => rmSync(path)],
];
for (const [name, damage] of DAMAGES) {
  test(`found and rebuilt: ${name}`, async () => {
    const first = await freeze();
    damage(first.train[0].path);
    assert.throws(() => verifyWindowFile(first.train[0].path));
    assert.deepEqual(await freeze(), first);
    verifyWindowFile(first.train[0].path);
  });
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 4;
  writeFileSync(path, bytes);
}

test('kill -9 before the file has its name: no window file is left, the repeat builds it', async () => {
  const script = `
    const { openDatabase } = await import('./src/market/database.ts');
    const { freezeWindows } = await import('./src/market/snapshot.ts');
    const db = await openDatabase({ dataDir: ${JSON.stringify(dir())} });
    await freezeWindows(db, { windows: ${JSON.stringify(WINDOWS)}, symbols: ['SIM'], dir: ${JSON.stringify(join(dir(), 'killed'))} });`;
  const signal = await new Promise((resolve) => {
    const env = { ...process.env, RALPH_FAILPOINT: 'market.snapshot.before:2' };
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error) => resolve(error?.signal));
  });
  assert.equal(signal, 'SIGKILL');
  assert.equal(readdirSync(join(dir(), 'killed')).filter((name) => name.endsWith('.bars')).length, 1);
  const frozen = await freeze('killed');
  assert.equal(frozen.fingerprint, (await freeze()).fingerprint);
});

test('a window without bars is refused by name', async () => {
  const windows = { ...WINDOWS, holdout: { from: day(400), to: day(410) } };
  await assert.rejects(
    freezeWindows(db(), { windows, symbols: ['SIM'], dir: join(dir(), 'none') }),
    /no bars of SIM from 2021-02-04 to 2021-02-14 \(holdout window\)/,
  );
});

test('a window that reaches beyond the bars is refused, with first and last bar of every window and the dates to set', async () => {
  const refused = (windows: Windows) =>
    freezeWindows(db(), { windows, symbols: ['SIM'], dir: join(dir(), 'beyond') }).then(
      () => assert.fail('expected a refusal'),
      (thrown: RalphError) => thrown,
    );
  const early = await refused({ ...WINDOWS, train: { from: day(-3000), to: day(15) } });
  assert.match(early.message, /^windows\.yaml reaches beyond the bars of SIM \(train\): /);
  assert.match(
    early.message,
    /train 2011-10-15 to 2020-01-16 has bars from 2020-01-01 to 2020-01-15 \(0\.\d% of its minutes\)/,
  );
  assert.match(early.message, /selection fold 1 2020-01-18 to 2020-01-21 has bars from .* \(9\d\.\d% of its minutes\)/);
  assert.match(early.remedy, /set train from: 2020-01-01,/);
  assert.equal(early.exitCode, 2);
  const late = await refused({ ...WINDOWS, holdout: { from: day(22), to: day(60) } });
  assert.match(late.remedy, /set holdout to: 2020-01-31,/);
  // A market that was closed for a few days at either end still fills its window.
  await freezeWindows(db(), {
    windows: { ...WINDOWS, holdout: { from: day(22), to: day(34) } },
    symbols: ['SIM'],
    dir: join(dir(), 'closed'),
  });
});

test('bars taken in later make exactly the windows stale that they touch', async () => {
  const first = await freeze();
  const missing = firstMissing(WINDOWS.holdout.from);
  const path = join(dir(), 'late.csv');
  writeFileSync(path, `${missing},10,11,12,9,1\n`);
  await ingest(db(), { paths: [path], symbol: 'SIM', format: 'bitfinex', maxBadShare: 0, dataDir: dir() });
  const second = await freeze();
  assert.notEqual(second.holdout[0].fingerprint, first.holdout[0].fingerprint);
  assert.equal(second.holdout[0].bars, first.holdout[0].bars + 1);
  assert.equal(second.train[0].fingerprint, first.train[0].fingerprint);
});

function firstMissing(from: number): number {
  const there = new Set(bars.time);
  for (let time = from + DAY; ; time += MINUTE) if (!there.has(time)) return time;
}

test('other bars in the span of stored ones are refused, the same ones are not stored twice', async () => {
  assert.deepEqual(await storeBars(db(), 'SIM', bars, 'test'), { inserted: 0 });
  const other = simulateMarket({ seed: 6, minutes: 1440, start: START }).bars;
  await assert.rejects(storeBars(db(), 'SIM', other, 'other'), /there are other bars of SIM/);
});

test('a window of a million bars is read back without parsing: every column is a view over one buffer', () => {
  const path = join(dir(), 'million.bars');
  const million = simulateMarket({ seed: 1, minutes: 1_000_000, gapsPerYear: 0 }).bars;
  writeWindowFile(path, million, { symbol: 'SIM', range: { from: 0, to: 1 }, warmupMs: 0, provenance: '' });
  const { bars } = readWindowFile(path);
  const columns = [bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume];
  assert.equal(new Set(columns.map(({ buffer }) => buffer)).size, 1);
  assert.deepEqual(bars.close, million.close);
});
