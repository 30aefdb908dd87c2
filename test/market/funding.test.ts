import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { surrogateMarket, surrogateOf } from '../../src/backtest/surrogate.ts';
import { DAY, HOUR, MINUTE } from '../../src/market/bars.ts';
import { freezeRange } from '../../src/market/freeze-range.ts';
import { ingest } from '../../src/market/ingest/ingest.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { readWindowFile } from '../../src/market/snapshot.ts';
import { storeBars } from '../../src/market/store/store-bars.ts';
import { defineStrategy } from '../../src/strategy/index.ts';
import { unitMarket } from '../backtest/support.ts';
import { sharedDatabase } from './helpers/database.ts';

const START = Date.UTC(2021, 0, 1);
const { bars } = simulateMarket({ seed: 3, start: START, minutes: 3 * 1440 });
const { db, dir } = sharedDatabase((database) => storeBars(database, 'PERP', bars, 'simulated'));
/** Every 4 hours, a few ms late, but for the second day. */
const RATES = Array.from({ length: 18 }, (_, k) => [START + k * 4 * HOUR, 1e-4 * ((k % 5) - 1)] as const).filter(
  ([time]) => time < START + DAY || time >= START + 2 * DAY,
);

const file = (name: string, rates: readonly (readonly [number, number])[]) => {
  const path = join(dir(), name);
  writeFileSync(path, `time,funding_rate\n${rates.map(([time, rate]) => `${time + 6},${rate}`).join('\n')}\n`);
  return path;
};
const take = (path: string) => ingest(db(), { paths: [path], maxBadShare: 0, dataDir: dir() });
const freeze = async () => {
  const range = { from: START, to: START + 3 * DAY };
  const [{ path }] = await freezeRange(db(), { symbols: ['PERP'], range, role: 'train', warmupMs: 0, dir: dir() });
  return readWindowFile(path);
};

const hold = defineStrategy({
  family: 'hold',
  hypothesis: 'holds',
  timeframe: '1h',
  params: {},
  warmup: 0,
  indicators: () => ({}),
  decide: (now) => {
    if (now.position === 0) now.order(1);
  },
});
const market = (fundingBps: number) => unitMarket({ kind: 'perpetual', fundingBps }, 1e9, ['PERP']);
const request = {
  params: {},
  scenario: { name: 'neutral', costMultiplier: 1, delayBars: 0, missEvery: 0 },
  detail: 'summary',
} as const;

test('funding rates are stored once, go into the window and its fingerprint, and are charged at their times', async () => {
  const before = await freeze();
  assert.equal(before.funding, undefined);
  const path = file('PERP-funding.csv', RATES);
  assert.equal((await take(path)).inserted, RATES.length);
  assert.equal((await take(path)).inserted, 0);
  const after = await freeze();
  assert.notEqual(after.fingerprint, before.fingerprint);
  assert.deepEqual(after.funding, { time: RATES.map(([time]) => time), rate: RATES.map(([, rate]) => rate) });
  // Bought in the first minutes of hour 1; a payment is due at the open, at the close before it.
  const paid = RATES.filter(([time]) => time > START + 2 * HOUR).reduce(
    (sum, [time, rate]) => sum + rate * bars.close[(time - START) / MINUTE - 1],
    0,
  );
  const { funding } = simulate(hold, [after], request, market(0));
  assert.ok(Math.abs(funding - paid) < 1e-9 * Math.abs(paid), `${funding} was charged, ${paid} is due`);
  // The day without rates pays what market.yaml says, every 8 hours.
  const configured = [DAY, DAY + 8 * HOUR, DAY + 16 * HOUR].reduce(
    (sum, at) => sum + 2e-4 * bars.close[at / MINUTE - 1],
    0,
  );
  assert.ok(Math.abs(simulate(hold, [after], request, market(2)).funding - paid - configured) < 1e-6);
});

test('the null of a candidate has no funding', async () => {
  const window = await freeze();
  assert.ok(window.funding);
  const surrogate = surrogateOf([window], { index: 1, holdMinutes: 1, drift: false });
  assert.equal(simulate(hold, surrogate, request, surrogateMarket(market(5))).funding, 0);
});

test('rates in percent, a rate twice with two values and other nonsense are refused; nothing is stored', async () => {
  const percent = file(
    'percent-funding.csv',
    RATES.map(([time, rate]) => [time, rate * 100 + 0.01]),
  );
  await assert.rejects(
    ingest(db(), { paths: [percent], symbol: 'X', maxBadShare: 0, dataDir: dir() }),
    /are they percent/,
  );
  const twice = file('TWICE-funding.csv', [...RATES, [RATES[0][0] + 1000, 0.001]]);
  await assert.rejects(take(twice), /two funding rates at 2021-01-01/);
  const broken = file('BROKEN-funding.csv', [[START, Number.NaN]]);
  const bare = file('BARE-funding.csv', []);
  writeFileSync(bare, 'time,funding_rate\n');
  await assert.rejects(take(bare), /BARE-funding.csv holds no funding rates/);
  for (const nothing of ['', '\uFEFF', '\n\n']) {
    writeFileSync(bare, nothing);
    await assert.rejects(take(bare), /BARE-funding.csv is empty/);
  }
  await assert.rejects(take(broken), /is no time and rate/);
  const nameless = file('rates.csv', RATES);
  await assert.rejects(
    ingest(db(), { paths: [nameless], maxBadShare: 0, dataDir: dir() }),
    /Add --symbol|says its symbol/,
  );
  const { rows } = await db().pool.query("select count(*)::int as n from ralph.funding where symbol <> 'PERP'");
  assert.equal(rows[0].n, 0);
});
