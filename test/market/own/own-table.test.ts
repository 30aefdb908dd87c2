import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RalphError } from '../../../src/base/errors.ts';
import { DAY, HOUR, MINUTE } from '../../../src/market/bars.ts';
import { databaseOf, type MarketConfig } from '../../../src/market/config.ts';
import { openDatabase } from '../../../src/market/database.ts';
import { sourceSchema } from '../../../src/market/own/config.ts';
import { sessionSchema } from '../../../src/market/sessions.ts';
import { freezeWindows, readWindowFile } from '../../../src/market/snapshot.ts';
import { listOpenHours, listSymbols } from '../../../src/market/store/list.ts';
import { verifySymbol } from '../../../src/market/verify/verify.ts';
import { noServer, realServer } from '../helpers/real-server.ts';
import { windowsInDays } from '../helpers/windows.ts';

const server = realServer();
const dir = mkdtempSync(join(tmpdir(), 'ralph-own-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const START = Date.UTC(2021, 2, 20);
const DAYS = 10;
const windows = windowsInDays(START, [1, 5], [6, 7], [8, 9]);
const RULE = { factor: 4, neighbours: 5, minutes: 60 };

/** SQL for a walk of bars every `step`: the same prices in whatever shape the columns have. */
const series = (
  step: string,
) => `select t, 100 + (n % 7) as o, 108.5 + (n % 3) as h, 99 as l, 101 + (n % 5) as c, 1 + n % 11 as v
  from (select t, row_number() over (order by t) as n from generate_series(timestamptz '2021-03-20 00:00+00',
    timestamptz '2021-03-29 23:59+00', interval '${step}') t) times`;

const optionsFor = (source: object, symbols: string[]) =>
  databaseOf(
    {
      source: sourceSchema.parse({ interval: '1m', ...source }),
      symbols: Object.fromEntries(symbols.map((symbol) => [symbol, {}])),
      ingest: { maxBadShare: 0.001, compressAfterDays: 90 },
    } as unknown as MarketConfig,
    dir,
    `postgresql://looker:looker@127.0.0.1:${server.port()}/plain`,
  );

async function fingerprint(source: object, symbols = ['BTCUSD'], symbol = symbols[0]) {
  const db = await openDatabase(optionsFor(source, symbols));
  try {
    const folder = mkdtempSync(join(dir, 'windows-'));
    const frozen = await freezeWindows(db, { windows, symbols: [symbol], dir: folder, badPrints: () => RULE });
    const again = await freezeWindows(db, { windows, symbols: [symbol], dir: folder, badPrints: () => RULE });
    assert.equal(again.fingerprint, frozen.fingerprint);
    return {
      ...frozen,
      db: await listSymbols(db),
      report: await verifySymbol(db, symbol, { from: 0, to: START + 90 * DAY }, RULE),
    };
  } finally {
    await db.close();
  }
}

const refusal = async (source: object, symbols = ['BTCUSD']): Promise<string> =>
  fingerprint(source, symbols).then(
    () => assert.fail('it was taken'),
    (error: RalphError) => {
      assert.ok(error instanceof RalphError, String((error as Error).stack));
      return `${error.message} -> ${error.remedy}`;
    },
  );

/** Plain PostgreSQL: a database without the extension, whose user may only select. */
async function prepare(): Promise<void> {
  await server.sql('postgres', "create role looker login password 'looker'", 'create database plain');
  await server.sql(
    'plain',
    'drop extension if exists timescaledb',
    'create schema feed',
    `create table feed.stamped as select t as ts, 'BTC/USD'::text as pair, 'kraken'::text as exchange, o::numeric as o, h::numeric as h, l::numeric as l, c::numeric as c, v::numeric as v from (${series('1 minute')}) x`,
    `insert into feed.stamped select ts, pair, 'other', o * 2, h * 2, l * 2, c * 2, v from feed.stamped`,
    `insert into feed.stamped select ts, 'ETH/USD', exchange, o, h, l, c, v from feed.stamped where exchange = 'kraken'`,
    'create index on feed.stamped (pair, ts)',
    `create table feed.local as select t at time zone 'Asia/Tokyo' as time, o as open, h as high, l as low, c as close, v as volume from (${series('1 minute')}) x`,
    `create table feed.btcusd as select (extract(epoch from t) * 1000000)::bigint as "openTime", o::real as "O", h as "H", l as "L", c as "C", v as "V" from (${series('1 minute')}) x`,
    `create table feed.closes as select t + interval '59.999 seconds' as time, o as open, h as high, l as low, c as close, v as volume from (${series('1 minute')}) x`,
    `create table feed.hours as select t as time, o as open, h as high, l as low, c as close, v as volume from (${series('1 hour')}) x`,
    `create table feed.days as select t::date as time, o as open, h as high, l as low, c as close, v as volume from (${series('1 day')}) x`,
    'grant usage on schema feed to looker',
    'grant select on all tables in schema feed to looker',
  );
}

const STAMPED = {
  table: 'feed.stamped',
  time: 'ts',
  symbol: 'pair',
  open: 'o',
  high: 'h',
  low: 'l',
  close: 'c',
  volume: 'v',
  venue: { column: 'exchange', is: 'kraken' },
};

test('the same bars in whatever table give the same windows, on plain PostgreSQL, with SELECT alone', {
  skip: noServer,
}, async () => {
  await prepare();
  const stamped = await fingerprint(STAMPED, ['BTCUSD', 'ETHUSD']);
  assert.equal(stamped.train[0].bars, 4 * 1440);
  assert.deepEqual(
    stamped.db.map(({ symbol, bars, gaps }) => [symbol, bars, gaps]),
    [
      ['BTCUSD', DAYS * 1440, 0],
      ['ETHUSD', DAYS * 1440, 0],
    ],
  );
  assert.deepEqual(stamped.report?.problems, []);
  assert.equal(stamped.report?.gaps, 0);
  const others = [
    { table: 'feed.local', timezone: 'Asia/Tokyo' },
    { table: 'feed.{symbol}', time: 'openTime', open: 'O', high: 'H', low: 'L', close: 'C', volume: 'V' },
    { table: 'feed.closes', label: 'close' },
  ];
  for (const source of others) assert.equal((await fingerprint(source)).fingerprint, stamped.fingerprint, source.table);
  const where = { ...STAMPED, venue: undefined, where: "exchange = 'kraken'", names: { BTCUSD: 'BTC/USD' } };
  assert.equal((await fingerprint(where)).fingerprint, stamped.fingerprint);
  assert.match(
    await refusal({ ...STAMPED, venue: undefined }),
    /bars stand at a time that has one already .* -> Set source.venue or source.where/,
  );
});

test('a table that changed gives other windows, one that did not the same', { skip: noServer }, async () => {
  const before = await fingerprint({ table: 'feed.closes', label: 'close' });
  await server.sql('plain', "update feed.closes set volume = volume + 1 where time = '2021-03-22 10:00:59.999+00'");
  const changed = await fingerprint({ table: 'feed.closes', label: 'close' });
  assert.notEqual(changed.train[0].fingerprint, before.train[0].fingerprint);
  assert.equal(changed.holdout[0].fingerprint, before.holdout[0].fingerprint);
});

test('hours and days: the interval is the execution bar, gaps count in it', { skip: noServer }, async () => {
  const hours = await fingerprint({ table: 'feed.hours', interval: '1h' });
  assert.deepEqual([hours.train[0].bars, hours.train[0].gapMinutes, hours.train[0].interval], [4 * 24, 0, 60 * MINUTE]);
  const window = readWindowFile(hours.train[0].path);
  assert.deepEqual([window.interval, window.bars.time[1] - window.bars.time[0]], [60 * MINUTE, 60 * MINUTE]);
  assert.deepEqual([hours.report?.gaps, hours.db[0].coverage], [0, 1]);
  const days = await fingerprint({ table: 'feed.days', interval: '1d' });
  assert.equal(days.train[0].bars, 4);
  await server.sql('plain', "delete from feed.hours where time = '2021-03-22 10:00+00'");
  assert.equal((await fingerprint({ table: 'feed.hours', interval: '1h' })).train[0].gapMinutes, 60);
  assert.match(
    await refusal({ table: 'feed.hours', interval: '1m' }),
    /no two bars lie closer than 60 min, and source.interval says 1/,
  );
  assert.match(
    await refusal({ table: 'feed.local', timezone: 'Asia/Tokyo', interval: '1h' }),
    /bars lie 1 min apart, and source.interval says 60/,
  );
});

test('a table of a market that closes is listed by its session', { skip: noServer }, async () => {
  await server.sql(
    'plain',
    `create view feed.office as select * from feed.hours where extract(isodow from time at time zone 'UTC') < 6
       and extract(hour from time at time zone 'UTC') between 8 and 15`,
    'grant select on feed.office to looker',
  );
  const db = await openDatabase(optionsFor({ table: 'feed.office', interval: '1h' }, ['BTCUSD']));
  // The first bar begins before the open.
  const session = sessionSchema.parse({ timezone: 'UTC', open: '08:30', close: '16:00' });
  const [always] = await listOpenHours(db, () => undefined);
  const [open] = await listOpenHours(db, () => session).finally(() => db.close());
  assert.deepEqual([always.bars, always.gaps], [47, 6]);
  assert.deepEqual([open.bars, open.gaps, open.missingMinutes, open.longestGapMinutes], [47, 1, 60, 60]);
  assert.equal(open.coverage, 47 / 48);
});

test('funding rates of a table go into the window; rates that can be none are refused', {
  skip: noServer,
}, async () => {
  await server.sql(
    'plain',
    `create table feed.rates as select t + interval '6 ms' as at, 'BTC/USD'::text as pair, 0.0001::numeric as rate
       from generate_series(timestamptz '2021-03-20 00:00+00', timestamptz '2021-03-29 23:59+00', interval '8 hours') t`,
    'grant select on feed.rates to looker',
  );
  const funding = { table: 'feed.rates', time: 'at', symbol: 'pair' };
  const symbols = ['BTCUSD', 'ETHUSD'];
  const without = await fingerprint(STAMPED, symbols);
  const frozen = await fingerprint({ ...STAMPED, funding }, symbols);
  assert.notEqual(frozen.fingerprint, without.fingerprint);
  const paid = readWindowFile(frozen.train[0].path).funding;
  // Four days of train and the one of warm-up.
  assert.deepEqual(
    paid?.time,
    Array.from({ length: 15 }, (_, k) => START + k * 8 * HOUR),
  );
  assert.ok(paid.rate.every((rate) => rate === 1e-4));
  const spot = await fingerprint({ ...STAMPED, funding }, symbols, 'ETHUSD');
  assert.equal(readWindowFile(spot.train[0].path).funding, undefined);
  await server.sql('plain', "update feed.rates set rate = 0.0002 where at < '2021-03-20 00:01+00'");
  assert.notEqual((await fingerprint({ ...STAMPED, funding }, symbols)).fingerprint, frozen.fingerprint);
  assert.match(
    await refusal({ ...STAMPED, funding: { ...funding, rate: 'funding' } }),
    /has no column "funding" -> It has at, pair, rate/,
  );
  assert.match(
    await refusal({ ...STAMPED, funding: { table: 'feed.rates', time: 'at' } }, symbols),
    /source.funding.symbol is missing/,
  );
  await server.sql('plain', 'update feed.rates set rate = rate * 10000');
  assert.match(await refusal({ ...STAMPED, funding }), /are they percent or basis points\? -> Give one rate a time/);
});

test('what is missing is named, with what there is', { skip: noServer }, async () => {
  assert.match(
    await refusal({ table: 'feed.candles' }),
    /there is no table .* -> Correct source.table .*feed\.stamped/,
  );
  assert.match(
    await refusal({ table: 'feed.local', close: 'last' }),
    /has no column "last" -> It has time, open, high/,
  );
  assert.match(await refusal(STAMPED, ['XRPUSD']), /has no rows of XRPUSD -> Its column pair holds BTC\/USD, ETH\/USD/);
  assert.match(await refusal({ table: 'feed.local' }, ['BTCUSD', 'ETHUSD']), /source.symbol is missing/);
  assert.match(await refusal({ table: 'feed.local', where: 'no such thing' }), /cannot be asked: syntax error/);
  await assert.rejects(
    openDatabase({ ...optionsFor(STAMPED, ['BTCUSD']), url: undefined }),
    /DATABASE_URL does not say/,
  );
});
