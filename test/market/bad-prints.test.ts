import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BadPrintRule, findBadPrints, withoutBadPrints } from '../../src/market/bad-prints.ts';
import { type Bars, DAY, MINUTE } from '../../src/market/bars.ts';
import { badPrintRuleOf, readMarketConfig } from '../../src/market/config.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { freezeWindows, readWindowFile } from '../../src/market/snapshot.ts';
import { storeBars } from '../../src/market/store/store-bars.ts';
import { verifySymbol } from '../../src/market/verify/verify.ts';
import { verifyWindowFile } from '../../src/market/window-file.ts';
import fc from '../fast-check.ts';
import { barsOfFiles, sharedFile } from './helpers/bars.ts';
import { sharedDatabase } from './helpers/database.ts';

const START = Date.UTC(2020, 0, 1);
const RULE: BadPrintRule = { factor: 4, neighbours: 5, minutes: 60 };

/** Bars of [minute, open, high, low, close] rows. */
function barsOf(rows: readonly (readonly number[])[]): Bars {
  const column = (k: number) => Float64Array.from(rows, (row) => row[k]);
  const time = column(0).map((minute) => START + minute * MINUTE);
  const volume = new Float64Array(rows.length).fill(1);
  return { length: rows.length, time, open: column(1), high: column(2), low: column(3), close: column(4), volume };
}

const rowsOf = (bars: Bars) =>
  Array.from({ length: bars.length }, (_, i) => [
    (bars.time[i] - START) / MINUTE,
    bars.open[i],
    bars.high[i],
    bars.low[i],
    bars.close[i],
  ]);
const repaired = (bars: Bars, rule = RULE) => withoutBadPrints(bars, findBadPrints(bars, rule), rule);
/** One price a minute. */
const path = (prices: number[]) => prices.map((price, k) => [k, price, price, price, price]);

test('a bad price is clamped to the good ones of its bar; a bar without a good one becomes a gap', () => {
  const rows = path([60, 61, 60, 59, 60, 0, 60, 0, 61, 60, 59, 60]);
  rows[5] = [5, 0.01, 60.5, 0.01, 59.9];
  rows[7] = [7, 1, 1, 1, 1];
  const bars = repaired(barsOf(rows));
  assert.equal(bars.length, 11);
  // 59.9 is the lowest of its good prices
  assert.deepEqual(rowsOf(bars)[5], [5, 59.9, 60.5, 59.9, 59.9]);
  assert.deepEqual(
    rowsOf(bars).map(([minute]) => minute),
    [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11],
  );
});

test('prices far above are struck out as well, and a rule of factor 0 strikes out nothing', () => {
  const rows = path([2.5, 2.6, 2.5, 2.5, 20, 2.6, 2.5, 2.6, 2.5]);
  assert.equal(repaired(barsOf(rows)).length, 8);
  const bars = barsOf(rows);
  assert.equal(repaired(bars, { ...RULE, factor: 0 }), bars);
});

test('a crash that does not come back stays, however deep; so does the fall by half within an hour', () => {
  const half = path(Array.from({ length: 120 }, (_, k) => 200 - Math.min(k, 60) * (100 / 60)));
  const cliff = path(Array.from({ length: 60 }, (_, k) => (k < 30 ? 100 : 5)));
  for (const rows of [half, cliff]) {
    const bars = barsOf(rows);
    assert.equal(repaired(bars), bars);
  }
  // the first minutes below the cliff look like misprints until the median after them is down as well
  assert.equal(findBadPrints(barsOf(cliff), RULE).unconfirmed.length, 3);
});

test('without three neighbours within reach on each side a bar is left as it is', () => {
  const rows = path([60, 60, 60, 60, 1, 60, 60, 60, 60]);
  const far = rows.map((row, k) => [row[0] + (k > 4 ? 100 : 0), ...row.slice(1)]);
  assert.equal(repaired(barsOf(far)).length, 9);
  assert.equal(repaired(barsOf(path([60, 60, 1, 60, 60]))).length, 5);
  assert.equal(repaired(barsOf(far), { ...RULE, minutes: 200 }).length, 8);
});

test('no value of another bar is ever written, and what comes later only decides whether a price counts', () => {
  const price = fc.oneof(fc.double({ min: 50, max: 70, noNaN: true }), fc.constantFrom(0.01, 1, 400, 9000));
  const bar = fc.tuple(price, price, price, price, fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(fc.array(bar, { maxLength: 60 }), (raw) => {
      let minute = 0;
      const rows = raw.map(([a, b, c, d, step]) => {
        minute += step;
        return [minute, a, Math.max(a, b, c, d), Math.min(a, b, c, d), d];
      });
      const known = new Map(rows.map((row) => [row[0], row]));
      const out = rowsOf(repaired(barsOf(rows)));
      assert.ok(out.every((row, k) => k === 0 || row[0] > out[k - 1][0]));
      for (const [time, open, high, low, close] of out) {
        const was = known.get(time)?.slice(1) ?? [];
        assert.ok([open, high, low, close].every((value) => was.includes(value)));
        assert.ok(low <= open && low <= close && open <= high && close <= high);
      }
    }),
    { numRuns: 500 },
  );
});

const EXPECTED: [string, string[]][] = [
  [
    'BTCUSD-1m-2013.csv.gz',
    [
      '2013-04-10T17:36 clamped',
      '2013-04-10T17:37 clamped',
      '2013-04-11T12:34 dropped',
      '2013-04-11T18:12 dropped',
      '2013-04-14T02:44 dropped',
      '2013-04-16T04:38 clamped',
      '2013-04-26T08:21 clamped',
      '2013-07-01T18:01 clamped',
    ],
  ],
  [
    'LTCUSD-1m-2013.csv.gz',
    [
      '2013-06-26T19:58 dropped',
      '2013-06-26T19:59 clamped',
      '2013-06-26T20:05 clamped',
      '2013-06-26T20:48 dropped',
      '2013-10-19T08:57 clamped',
    ],
  ],
  ['BTCUSD-1m-2014.csv.gz', []],
  ['BTCUSD-1m-2015.csv.gz', []],
  ['BTCUSD-1m-2016.csv.gz', []],
  ['ETHUSD-1m-2016.csv.gz', []],
  ['LTCUSD-1m-2014.csv.gz', []],
  ['LTCUSD-1m-2015.csv.gz', []],
  ['LTCUSD-1m-2016.csv.gz', []],
];
for (const [name, expected] of EXPECTED) {
  const { path: file, skip } = sharedFile(name);
  test(`the shipped rule on ${name}: ${expected.length} bad prints, every real crash stays`, { skip }, async () => {
    const bars = await barsOfFiles([file]);
    const rule = badPrintRuleOf(readMarketConfig('config/market.yaml'), name.slice(0, 6));
    const { prints, unconfirmed } = findBadPrints(bars, rule);
    assert.deepEqual(
      prints.map(({ time, done }) => `${new Date(time).toISOString().slice(0, 16)} ${done}`),
      expected,
    );
    assert.equal(unconfirmed.length, 0);
  });
}

const { bars: simulated } = simulateMarket({ seed: 5, minutes: 30 * 1440, start: START, gapsPerYear: 0 });
const day = (k: number) => START + k * DAY;
const WINDOWS = {
  train: { from: day(5), to: day(15) },
  selection: [{ from: day(17), to: day(20) }],
  holdout: { from: day(22), to: day(28) },
  embargoMs: 2 * DAY,
  warmupMs: 3 * DAY,
};
// one in the middle of train and one in its last minute, which only bars after the window can judge
const MIDDLE = 10 * 1440;
const EDGE = 15 * 1440 - 1;
const spoilt: Bars = { ...simulated, low: simulated.low.slice() };
spoilt.low[MIDDLE] = spoilt.low[EDGE] = 0.01;
const { db, dir } = sharedDatabase((database) => storeBars(database, 'SIM', spoilt, 'test'));
const freeze = (folder: string, rule?: BadPrintRule) =>
  freezeWindows(db(), {
    windows: WINDOWS,
    symbols: ['SIM'],
    dir: join(dir(), folder),
    badPrints: rule && (() => rule),
  });

test('a frozen window holds the repaired bars, its header what was struck out; the stored bars stay', async () => {
  const file = (await freeze('on', RULE)).train[0];
  const { bars } = readWindowFile(file.path);
  const at = (index: number) => bars.time.indexOf(simulated.time[index]);
  for (const index of [MIDDLE, EDGE]) {
    const own = [simulated.open[index], simulated.high[index], simulated.close[index]];
    assert.equal(bars.low[at(index)], Math.min(...own));
  }
  assert.ok(Math.min(...bars.low) > 1);
  const header = verifyWindowFile(file.path);
  assert.deepEqual(header.badPrints?.rule, RULE);
  assert.deepEqual([header.badPrints?.clamped, header.badPrints?.dropped], [2, 0]);
  assert.deepEqual(
    header.badPrints?.prints.map(({ time, low }) => [time, low]),
    [
      [simulated.time[MIDDLE], 0.01],
      [simulated.time[EDGE], 0.01],
    ],
  );
  const report = await verifySymbol(db(), 'SIM', { from: START, to: day(40) }, RULE);
  assert.deepEqual(report?.badPrints, header.badPrints?.prints);
  assert.deepEqual(report?.problems, []);
});

test('switched off, the file has the bytes of a freeze that knows no rule; switching rebuilds and changes the fingerprint', async () => {
  const without = await freeze('without');
  const off = await freeze('off', { ...RULE, factor: 0 });
  assert.ok(readFileSync(without.train[0].path).equals(readFileSync(off.train[0].path)));
  assert.equal(without.fingerprint, off.fingerprint);
  const on = await freeze('off', RULE);
  assert.notEqual(on.train[0].fingerprint, off.train[0].fingerprint);
  assert.equal((await freeze('off', { ...RULE, factor: 0 })).fingerprint, off.fingerprint);
  assert.notEqual((await freeze('off', { ...RULE, factor: 5 })).fingerprint, on.fingerprint);
});
