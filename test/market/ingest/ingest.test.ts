import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Timeframe } from '../../../src/market/bars.ts';
import { ingest } from '../../../src/market/ingest/ingest.ts';
import { readBars } from '../../../src/market/store/read.ts';
import { aggregate, barsOfFiles, gapsOf, sharedFile } from '../helpers/bars.ts';
import { sharedDatabase } from '../helpers/database.ts';

const { db, dir } = sharedDatabase();
const LTC_2013 = sharedFile('LTCUSD-1m-2013.csv.gz');
const LTC_2014 = sharedFile('LTCUSD-1m-2014.csv.gz');
const T = Date.UTC(2024, 0, 1);
const ALL = { from: 0, to: Date.UTC(2100, 0, 1) };

const take = (paths: string[], more: Partial<Parameters<typeof ingest>[1]> = {}) =>
  ingest(db(), { paths, maxBadShare: 0.001, dataDir: dir(), ...more });

/** Rows of a Bitfinex file, minute by minute; `change` may alter a row. */
function write(name: string, minutes: number, change: (row: string, k: number) => string = (row) => row): string {
  const path = join(dir(), name);
  const rows = Array.from({ length: minutes }, (_, k) => change(`${T + k * 60_000},10,12,14,9,${k + 1}`, k));
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

/** `ralph data ingest` in a process of its own that ends at a failpoint. */
function killedAt(failpoint: string, path: string, ...more: string[]): Promise<string | null> {
  const args = ['ralph.ts', 'data', 'ingest', path, '--data-dir', dir(), ...more];
  return new Promise((resolve) => {
    const env = { ...process.env, RALPH_FAILPOINT: failpoint, DATABASE_URL: undefined };
    execFile(process.execPath, args, { env }, (error) =>
      resolve((error as { signal?: string } | null)?.signal ?? null),
    );
  });
}

const inspect = async (symbol: string) => {
  const { rows } = await db().pool.query(
    `select (select count(*)::int from ralph.bars where symbol = $1) as bars,
       (select count(*)::int from ralph.gaps where symbol = $1) as gaps,
       (select count(*)::int from ralph.bars_1d where symbol = $1) as days,
       (select count(*)::int from ralph.ingested_files where symbol = $1 and state = 'done') as done`,
    [symbol],
  );
  return rows[0];
};

test('kill -9 while rows are staged: nothing is visible, the repeat goes on where it stopped', LTC_2014, async () => {
  assert.equal(await killedAt('market.stage.after:2', LTC_2014.path), 'SIGKILL');
  assert.deepEqual(await inspect('LTCUSD'), { bars: 0, gaps: 0, days: 0, done: 0 });
  const staged = await db().pool.query('select count(*)::int as n from ralph.staged_bars');
  assert.equal(staged.rows[0].n, 100_000);
  const report = await take([LTC_2014.path]);
  assert.equal(report.details[0].state, 'resumed');
  assert.deepEqual([report.rows, report.inserted, report.rejected], [110_366, 110_366, 0]);
});

test('kill -9 just before the commit: nothing is visible, the repeat takes all', LTC_2013, async () => {
  assert.equal(await killedAt('market.publish.before', LTC_2013.path), 'SIGKILL');
  assert.equal((await inspect('LTCUSD')).bars, 110_366);
  const report = await take([LTC_2013.path]);
  assert.deepEqual([report.rows, report.inserted], [18_645, 18_645]);
});

test('the same files again add nothing', LTC_2014, async () => {
  const report = await take([LTC_2013.path, LTC_2014.path]);
  assert.deepEqual([report.files, report.rows, report.inserted], [2, 129_011, 0]);
});

test('stored bars, gaps and every bucket of every aggregate equal an independent computation', LTC_2014, async () => {
  const bars = await barsOfFiles([LTC_2013.path, LTC_2014.path]);
  const stored = await readBars(db(), { symbol: 'LTCUSD', ...ALL });
  assert.deepEqual(stored, bars);
  const gaps = await db().pool.query<{ a: Date; b: Date; minutes: number }>(
    "select from_time as a, to_time as b, minutes from ralph.gaps where symbol = 'LTCUSD' order by 1",
  );
  assert.deepEqual(
    gaps.rows.map((row) => [row.a.getTime(), row.b.getTime(), row.minutes]),
    gapsOf(bars),
  );
  for (const timeframe of ['5m', '15m', '1h', '4h', '1d'] as Timeframe[]) {
    const wanted = aggregate(bars, timeframe);
    const { rows } = await db().pool.query(`select * from ralph.bars_${timeframe} where symbol = 'LTCUSD'`);
    assert.equal(rows.length, wanted.size, timeframe);
    for (const row of rows) {
      const [open, high, low, close, volume] = wanted.get(row.bucket.getTime())!;
      assert.deepEqual([row.open, row.high, row.low, row.close], [open, high, low, close]);
      // the sums are made in another order
      assert.ok(Math.abs(row.volume - volume) <= 1e-9 * volume);
    }
  }
});

test('kill -9 during the refresh: the repeat finishes the aggregates', async () => {
  const path = write('refresh.csv', 3000);
  assert.equal(
    await killedAt('market.refresh.before:3', path, '--symbol', 'REFRESH', '--format', 'bitfinex'),
    'SIGKILL',
  );
  assert.deepEqual(await inspect('REFRESH'), { bars: 3000, gaps: 0, days: 0, done: 1 });
  const report = await take([path], { symbol: 'REFRESH' });
  assert.equal(report.inserted, 0);
  assert.equal((await inspect('REFRESH')).days, 3);
});

test('an overlapping file: conflicting bars are reported, the first is kept unless told otherwise', async () => {
  await take([write('first.csv', 100)], { symbol: 'CLASH' });
  const other = write('second.csv', 120, (row, k) => (k < 3 ? row.replace(',14,', ',15,') : row));
  const kept = await take([other], { symbol: 'CLASH' });
  assert.deepEqual([kept.inserted, kept.conflicts, kept.replaced], [20, 3, 0]);
  assert.match(kept.details[0].conflictSamples[0], /^2024-01-01 00:00 has 10 14 9 12 1, the file has 10 15 9 12 1$/);
  assert.equal((await readBars(db(), { symbol: 'CLASH', ...ALL })).high[0], 14);
  appendFileSync(other, `${T + 200 * 60_000},10,12,14,9,1\n`);
  const replaced = await take([other], { symbol: 'CLASH', onConflict: 'replace' });
  assert.deepEqual([replaced.inserted, replaced.conflicts, replaced.replaced, replaced.gaps], [1, 3, 3, 1]);
  assert.equal((await readBars(db(), { symbol: 'CLASH', ...ALL })).high[0], 15);
});

test('bad rows go to a reject file; too many of them stop the file with nothing visible', async () => {
  const few = write('few.csv', 2000, (row, k) => (k === 1000 ? row.replace(',14,', ',11,') : row));
  const report = await take([few], { symbol: 'FEW' });
  assert.deepEqual([report.inserted, report.rejected], [1999, 1]);
  const rejects = readFileSync(report.details[0].rejectFile!, 'utf8').split('\n');
  assert.match(rejects[1], /^1001\tclose outside low and high\t1704127200000,10,12,11,9,1001$/);
  const many = write('many.csv', 2000, (row, k) => (k % 100 === 0 ? `${row},7` : row));
  await assert.rejects(
    take([many], { symbol: 'MANY' }),
    /20 of 2000 rows are bad \(1\.00%, allowed 0\.10%\): 20 × 7 fields, expected 6; the first: line 1, 7 fields, expected 6/,
  );
  assert.deepEqual(await inspect('MANY'), { bars: 0, gaps: 0, days: 0, done: 0 });
  const waiting = await db().pool.query('select count(*)::int as n from ralph.staged_bars');
  assert.equal(waiting.rows[0].n, 0);
});

test('bars of an hour are no 1-minute bars with holes; sparse minutes are', async () => {
  const every = (name: string, minutes: (k: number) => number) => {
    const path = join(dir(), name);
    writeFileSync(path, Array.from({ length: 40 }, (_, k) => `${T + minutes(k) * 60_000},10,12,14,9,1\n`).join(''));
    return path;
  };
  await assert.rejects(
    take([every('hourly.csv', (k) => k * 60 * (k < 20 ? 1 : 2))], { symbol: 'HOURLY' }),
    /expected bars of 1m, and all of these lie 60 minutes apart/,
  );
  assert.deepEqual(await inspect('HOURLY'), { bars: 0, gaps: 0, days: 0, done: 0 });
  const sparse = await take([every('sparse.csv', (k) => k * 60 + (k % 7))], { symbol: 'SPARSE' });
  assert.equal(sparse.inserted, 40);
});

test('a file that changes while it is read is refused as a whole', async () => {
  const path = write('growing.csv', 60_000);
  let once = false;
  const onProgress = () => {
    if (!once) appendFileSync(path, `${T + 90_000 * 60_000},10,12,14,9,1\n`);
    once = true;
  };
  await assert.rejects(take([path], { symbol: 'GROWING', onProgress }), /growing\.csv changed while it was read/);
  assert.equal((await inspect('GROWING')).bars, 0);
});

test('a second ingest at the same time is refused', async () => {
  const first = take([write('slow.csv', 60_000)], { symbol: 'SLOW' });
  await assert.rejects(
    take([write('other.csv', 10)], { symbol: 'OTHER' }),
    /another ingest into this database is running/,
  );
  assert.equal((await first).inserted, 60_000);
});

test('a file late in time order fills the gap that was there', async () => {
  const whole = write('whole.csv', 300);
  const lines = readFileSync(whole, 'utf8').trim().split('\n');
  const [a, b, c] = [lines.slice(0, 100), lines.slice(100, 200), lines.slice(200)];
  for (const [name, part] of Object.entries({ a, c })) {
    writeFileSync(join(dir(), `${name}.csv`), part.join('\n'));
    await take([join(dir(), `${name}.csv`)], { symbol: 'PARTS', format: 'bitfinex' });
  }
  assert.equal((await inspect('PARTS')).gaps, 1);
  writeFileSync(join(dir(), 'b.csv'), b.join('\n'));
  await take([join(dir(), 'b.csv')], { symbol: 'PARTS', format: 'bitfinex' });
  assert.deepEqual(await inspect('PARTS'), { bars: 300, gaps: 0, days: 1, done: 3 });
});
