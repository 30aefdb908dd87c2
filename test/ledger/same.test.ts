import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gaussian, seededRandom } from '../../src/base/random.ts';
import { realBars } from '../../src/lab/calibrate/markets/real.ts';
import { Book } from '../../src/ledger/book.ts';
import type { Entry } from '../../src/ledger/entries.ts';
import { lagOf } from '../../src/ledger/same.ts';
import { decodeSeries, seriesFrom } from '../../src/ledger/series.ts';
import { DAY, HOUR } from '../../src/market/bars.ts';
import { look, series, setting, trial } from './support.ts';

const FIRST = Date.UTC(2020, 0, 1);
const HALF = HOUR / 2;

interface Bars {
  readonly time: readonly number[];
  readonly close: readonly number[];
}

/** Half-hourly closes of pure noise with heavy tails; `like` gives it a part of another one's changes. */
function market(seed: string, days = 400, like?: Bars, share = 0): Bars {
  const random = seededRandom(seed);
  const time = Array.from({ length: days * 48 }, (_, i) => FIRST + i * HALF);
  let log = 0;
  const close = time.map((_, i) => {
    const own =
      (0.004 * gaussian(random)) /
      Math.sqrt((gaussian(random) ** 2 + gaussian(random) ** 2 + gaussian(random) ** 2) / 3);
    const shared = like && i > 0 ? Math.log(like.close[i] / like.close[i - 1]) : 0;
    log += share * shared + Math.sqrt(1 - share ** 2) * own;
    return Math.exp(log);
  });
  return { time, close };
}

const HERE = market('here');
const KNOWN = decodeSeries(seriesFrom('BTCUSD', [HERE]));
/** The same market as a ledger of before knew it: by days alone. */
const DAILY = decodeSeries({ ...seriesFrom('BTCUSD', [HERE]), fine: undefined });

/** The bars of a market with other times and prices; null leaves one out. */
function changed(change: (time: number, close: number) => readonly [number, number] | null, bars = HERE): Bars {
  const kept = bars.time.flatMap((time, i) => {
    const bar = change(time, bars.close[i]);
    return bar ? [bar] : [];
  });
  return { time: kept.map(([time]) => time), close: kept.map(([, close]) => close) };
}

/** Hours by which bars are later than those of HERE, as they are found against fine and against daily entries; null: another market. */
function found(bars: Bars): (number | null)[] {
  const other = decodeSeries(seriesFrom('COPY', [bars]));
  return [lagOf(KNOWN, other), lagOf(other, KNOWN), lagOf(DAILY, other), lagOf(other, DAILY)].map((lag, k) =>
    lag === null ? null : ((k % 2 === 0 ? 1 : -1) * lag) / HOUR,
  );
}

function assertFound(bars: Bars, hours: number, what: string): void {
  for (const lag of found(bars)) assert.ok(lag !== null && Math.abs(lag - hours) <= 2, `${what}: found ${lag} hours`);
}

test('bars moved by half an hour to a year are the same data, against the entry of an older ledger too', () => {
  for (const hours of [0.5, 1, 2, 3, 5, 5.5, 9, 12, -5, -8, 24, 25, 7 * 24, 200 * 24 + 7])
    assertFound(
      changed((time, close) => [time + hours * HOUR, close]),
      hours,
      `${hours} hours`,
    );
});

test('summer time, longer bars, another scale, a turned quote, a bad print and missing days do not hide a move', () => {
  const summer = (time: number) => [3, 4, 5, 6, 7, 8, 9].includes(new Date(time).getUTCMonth());
  const day = (time: number) => Math.floor(time / DAY);
  const later = (time: number) => time + 5 * HOUR;
  const cases: [string, number, Parameters<typeof changed>[0]][] = [
    ['New York', -4.5, (time, close) => [time - (summer(time) ? 4 : 5) * HOUR, close]],
    ['Berlin', 1.5, (time, close) => [time + (summer(time) ? 2 : 1) * HOUR, close]],
    ['bars of four hours', 0, (time, close) => [Math.floor(time / (4 * HOUR)) * 4 * HOUR, close]],
    ['bars of a day', 0, (time, close) => [day(time) * DAY, close]],
    ['scaled', 5, (time, close) => [later(time), 3 * close]],
    ['turned round', 5, (time, close) => [later(time), 1 / close]],
    ['one bad print', 5, (time, close) => [later(time), time === FIRST + 200 * DAY ? 9 * close : close]],
    ['no weekends', 5, (time, close) => (day(time) % 7 < 2 ? null : [later(time), close])],
  ];
  for (const [what, hours, change] of cases) assertFound(changed(change), hours, what);
});

test('every other day missing, and bars of some hours alone, are the same data', () => {
  assertFound(
    changed((time, close) => (Math.floor(time / DAY) % 2 === 0 ? null : [time, close])),
    0,
    'every other day',
  );
  const session = changed((time, close) => (time % DAY < 8 * HOUR || time % DAY >= 16 * HOUR ? null : [time, close]));
  const [there, back] = found(session);
  assert.deepEqual([there, back], [0, -0]);
});

test('independent markets, and one that correlates by .8, are others at every lag', () => {
  for (const seed of ['a', 'b', 'c']) assert.deepEqual(found(market(seed)), [null, null, null, null], seed);
  for (const seed of ['d', 'e', 'f'])
    assert.deepEqual(found(market(seed, 400, HERE, 0.8)), [null, null, null, null], seed);
  const still = { time: HERE.time, close: HERE.close.map((_, i) => (i % 960 === 0 ? 1.001 : 1)) };
  const other = { time: HERE.time, close: HERE.close.map((_, i) => (i % 1104 === 0 ? 1.001 : 1)) };
  assert.equal(
    lagOf(...([still, other].map((bars) => decodeSeries(seriesFrom('PEG', [bars]))) as [never, never])),
    null,
  );
});

const BITFINEX = fileURLToPath(new URL('../../../shared/data/bitfinex/', import.meta.url));
test('real markets of one year are others at every lag, and one of them moved is the same', {
  skip: existsSync(BITFINEX) ? false : 'no shared data here',
}, async () => {
  const symbols = ['BTCUSD', 'ETHUSD', 'LTCUSD'];
  const rule = { factor: 0, neighbours: 0, minutes: 0 };
  const bars = await Promise.all(
    symbols.map((symbol) => realBars(`${BITFINEX}${symbol}-1m-2016.csv.gz`, 'bitfinex', rule)),
  );
  const known = bars.map((each, i) => decodeSeries(seriesFrom(symbols[i], [each])));
  for (const [i, k] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ])
    assert.equal(lagOf(known[i], known[k]), null, `${symbols[i]} and ${symbols[k]}`);
  for (const [i, each] of bars.entries()) {
    const moved = { time: each.time.map((time) => time + 33 * HOUR), close: each.close };
    const lag = lagOf(known[i], decodeSeries(seriesFrom('MOVED', [moved])));
    assert.ok(lag !== null && Math.abs(lag - 33 * HOUR) <= 2 * HOUR, `${symbols[i]}: found ${lag}`);
  }
});

function bookOf(entries: readonly Entry[]): Book {
  const book = new Book();
  for (const entry of entries)
    book.take(JSON.stringify({ seq: book.head.seq + 1, prev: book.head.hash, at: 0, entry }));
  return book;
}

test('on bars that say another year, N, looks, days seen and the days of a keep are those of the first calendar', () => {
  const first = seriesFrom('BTCUSD', [HERE]);
  const moved = seriesFrom('COPY', [changed((time, close) => [time + 90 * DAY + 5 * HOUR, close])]);
  const here = setting([first.series]);
  const there = setting([moved.series], [90, 290, 291, 390, 391, 490]);
  const keep = { type: 'keep', run: 'a', tag: 'a', trial: '1', setting: here.setting, family: 'f' } as const;
  const kept = { ...keep, equity: 'e', score: 1, sharpe: 2, returns: '' };
  const book = bookOf([first, here, trial('a', '1', here), look('a', '1', here), kept, moved, there]);
  const { trials, looks, keeps } = book.spentOn(there);
  assert.deepEqual([trials, looks, keeps.length], [1, 1, 1]);
  assert.deepEqual(book.trainOf(kept, there), there.train);
  assert.deepEqual(book.chosenOn(there), []);
  const onTrain = setting([moved.series], [90, 150, 151, 200, 391, 490]);
  assert.deepEqual(book.chosenOn(onTrain), ['selection fold 1: 2020-05-31 to 2020-07-19 was train of a']);
  assert.equal(book.rows().length, 1);
});

test('of an older ledger, whose entries hold days alone, bars moved by days are found', () => {
  const days = HERE.close.filter((_, i) => i % 48 === 47);
  const returns = days.slice(1).map((close, i) => close / days[i] - 1);
  const [one, two] = [series('A', returns), series('B', returns, 30)];
  const [here, there] = [setting([one.series]), setting([two.series])];
  assert.equal(bookOf([one, two, here, there, trial('a', '1', here)]).spentOn(there).trials, 1);
});
