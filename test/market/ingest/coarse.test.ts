import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import { DAY, HOUR, MINUTE, type Timeframe } from '../../../src/market/bars.ts';
import { ingest } from '../../../src/market/ingest/ingest.ts';
import { openStretches } from '../../../src/market/sessions.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { freezeWindows, readWindowFile } from '../../../src/market/snapshot.ts';
import { listOpenHours, listSymbols } from '../../../src/market/store/list.ts';
import { storeBars } from '../../../src/market/store/store-bars.ts';
import { verifySymbol } from '../../../src/market/verify/verify.ts';
import { defineStrategy } from '../../../src/strategy/index.ts';
import { aggregate } from '../helpers/bars.ts';
import { sharedDatabase } from '../helpers/database.ts';
import { windowsInDays } from '../helpers/windows.ts';

const START = Date.UTC(2005, 2, 7);
const { bars } = simulateMarket({ seed: 4, start: START, minutes: 10 * 1440 });
const { db, dir } = sharedDatabase((database) =>
  storeBars(database, 'MINUTES', bars, 'simulated', { aggregates: false }),
);
const NO_RULE = { factor: 0, neighbours: 5, minutes: 60 };
const windows = windowsInDays(START, [1, 4], [5, 7], [8, 10]);

/** The same market in longer bars, each named by its beginning plus `shift`. */
const file = (name: string, timeframe: Timeframe, { shift = 0, without = [] as number[] } = {}) => {
  const path = join(dir(), name);
  const rows = [...aggregate(bars, timeframe)].filter((_, k) => !without.includes(k));
  writeFileSync(
    path,
    `time,open,high,low,close,volume\n${rows.map(([time, row]) => [time + shift, ...row].join()).join('\n')}`,
  );
  return path;
};
const take = (path: string, more: { symbol?: string; interval?: Timeframe; label?: 'close' } = {}) =>
  ingest(db(), { paths: [path], maxBadShare: 0, dataDir: dir(), ...more });

test('hours are refused as minutes, and taken with --interval 1h: gaps, coverage and windows count in them', async () => {
  const path = file('hours.csv', '1h', { without: [30, 31, 32, 100] });
  await assert.rejects(take(path, { symbol: 'HOURS' }), (error: Error & { remedy: string }) => {
    assert.match(
      `${error.message} ${error.remedy}`,
      /expected bars of 1m, and all of these lie 60 minutes apart.*--interval 1h/,
    );
    return true;
  });
  const report = await take(path, { symbol: 'HOURS', interval: '1h' });
  assert.deepEqual([report.inserted, report.gaps], [236, 2]);
  const summary = (await listSymbols(db())).find(({ symbol }) => symbol === 'HOURS')!;
  assert.deepEqual(
    [summary.interval, summary.missingMinutes, summary.longestGapMinutes, summary.coverage],
    [HOUR, 240, 180, 236 / 240],
  );
  const verified = await verifySymbol(db(), 'HOURS', { from: 0, to: START + 99 * DAY }, NO_RULE);
  assert.deepEqual([verified!.problems, verified!.gaps, verified!.missing], [[], 2, 240]);
  const frozen = await freezeWindows(db(), { windows, symbols: ['HOURS'], dir: dir() });
  assert.deepEqual([frozen.train[0].bars, frozen.train[0].gapMinutes, frozen.train[0].interval], [69, 180, HOUR]);
  const window = readWindowFile(frozen.train[0].path);
  const finer = defineStrategy({
    ...{
      family: 'finer',
      hypothesis: 'none',
      timeframe: '5m',
      params: {},
      warmup: 0,
      indicators: () => ({}),
      decide: () => {},
    },
  });
  const request = {
    params: {},
    scenario: { name: 'neutral', costMultiplier: 1, delayBars: 0, missEvery: 0 },
    detail: 'summary',
  } as const;
  assert.throws(
    () => simulate(finer, [window], request, { cash: 1, sizing: { mode: 'units', units: 1 }, symbols: {} }),
    /timeframe 5m is finer than the bars of HOURS, which are 1h/,
  );
});

test('a market has one length of bars, and a run one execution bar', async () => {
  const days = file('days.csv', '1d');
  await assert.rejects(take(days, { symbol: 'HOURS', interval: '1d' }), /HOURS has bars of 1h, and these are of 1d/);
  await assert.rejects(
    take(file('hours-again.csv', '1h'), { symbol: 'MINUTES', interval: '1h' }),
    /MINUTES has bars of 1m/,
  );
  await assert.rejects(
    freezeWindows(db(), { windows, symbols: ['MINUTES', 'HOURS'], dir: dir() }),
    /MINUTES has bars of 1 min, HOURS of 60 min: a run has one execution bar/,
  );
});

test('hours named by their end are moved; minutes, other hours and odd beginnings are refused as hours; the name of a file may say hours', async () => {
  const labelled = file('labelled.csv', '1h', { shift: HOUR });
  await take(labelled, { symbol: 'LABELLED', interval: '1h', label: 'close' });
  const last = file('last-moment.csv', '1h', { shift: HOUR - 1 });
  await take(last, { symbol: 'LAST', interval: '1h', label: 'close' });
  for (const symbol of ['LABELLED', 'LAST'])
    assert.equal((await listSymbols(db())).find((one) => one.symbol === symbol)!.first, new Date(START).toISOString());
  const odd = file('odd.csv', '1h', { shift: 30 * MINUTE });
  await assert.rejects(
    take(odd, { symbol: 'ODD', interval: '1h' }),
    /begin on whole multiples of it in UTC; one begins at .*T\d\d:30/,
  );
  await assert.rejects(take(file('minutes.csv', '1m'), { symbol: 'ODD', interval: '1h' }), /begin on whole multiples/);
  await assert.rejects(take(file('fours.csv', '4h'), { symbol: 'ODD', interval: '1h' }), /lie 240 minutes apart.*/);
  const named = file('EURUSD-1h-2005.csv', '1h');
  await assert.rejects(take(named), /holds 1h bars by its name, and 1m bars are expected/);
  assert.equal((await take(named, { interval: '1h' })).details[0].symbol, 'EURUSD');
});

test('a list counts gaps and coverage within the session of a market that closes, as verify does', async () => {
  const open = openStretches('fx', START, START + 10 * DAY);
  const closed = Array.from({ length: 240 }, (_, k) => k).filter(
    (k) => !open.some(({ from, to }) => START + k * HOUR >= from && START + k * HOUR < to),
  );
  await take(file('fx.csv', '1h', { without: [30, ...closed] }), { symbol: 'FX', interval: '1h' });
  const of = (list: Awaited<ReturnType<typeof listSymbols>>, symbol: string) => {
    const { gaps, missingMinutes, longestGapMinutes, coverage } = list.find((one) => one.symbol === symbol)!;
    return [gaps, missingMinutes, longestGapMinutes, coverage];
  };
  const plain = await listSymbols(db());
  const list = await listOpenHours(db(), (symbol) => (symbol === 'FX' ? 'fx' : undefined));
  assert.deepEqual(of(plain, 'FX'), [2, 49 * 60, 48 * 60, 191 / 240]);
  assert.deepEqual(of(list, 'FX'), [1, 60, 60, 191 / 192]);
  assert.deepEqual(of(list, 'MINUTES'), of(plain, 'MINUTES'));
  const verified = await verifySymbol(db(), 'FX', { from: 0, to: START + 99 * DAY }, NO_RULE, 'fx');
  assert.deepEqual([verified!.gaps, verified!.missing, verified!.problems], [1, 60, []]);
});
