import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Book } from '../../src/ledger/book.ts';
import type { Entry, EntryOf } from '../../src/ledger/entries.ts';
import { lagOf } from '../../src/ledger/same.ts';
import { decodeSeries } from '../../src/ledger/series.ts';
import { look, noise, series, setting, trial } from './support.ts';

function bookOf(entries: readonly Entry[]): Book {
  const book = new Book();
  for (const entry of entries)
    book.take(JSON.stringify({ seq: book.head.seq + 1, prev: book.head.hash, at: 0, entry }));
  return book;
}

const same = (a: EntryOf<'series'>, b: EntryOf<'series'>) => lagOf(decodeSeries(a), decodeSeries(b)) === 0;
const returns = noise('market');
const MARKET = series('BTCUSD', returns);
const HERE = setting([MARKET.series]);

test('another venue, another quote currency, a bad print and a turned quote are the same data; another market is not', () => {
  const jitter = noise('venue').map((value, i) => returns[i] + value / 10);
  assert.ok(same(MARKET, series('XBTEUR', jitter)));
  assert.ok(
    same(
      MARKET,
      series(
        'USDBTC',
        returns.map((value) => 1 / (1 + value) - 1),
      ),
    ),
  );
  assert.ok(same(MARKET, series('COPY', returns.with(100, 9))));
  assert.ok(
    !same(
      MARKET,
      series(
        'ETHUSD',
        noise('other').map((value, i) => 0.9 * returns[i] + 0.5 * value),
      ),
    ),
  );
  assert.ok(!same(MARKET, series('BTCUSD', noise('other'))), 'other data under the same name');
  assert.ok(same(MARKET, series('BTCUSD', noise('later'), 400)), 'the same name where no day is common');
});

test('a charge under another name counts, and a series that connects two markets makes them one', () => {
  const [early, late] = [series('A', returns.slice(0, 150)), series('B', returns.slice(200), 200)];
  const [one, two] = [setting([early.series]), setting([late.series])];
  const apart = [early, late, one, two, trial('a', '1', one), trial('b', '1', two)];
  assert.equal(bookOf(apart).spentOn(one).trials, 1);
  assert.equal(bookOf([...apart, MARKET]).spentOn(one).trials, 2);
  // What a session was shown of a tuning counts like as many trials, once.
  const shown = { type: 'shown', run: 'a', tag: 'a', trial: '1', setting: one.setting, curves: 9 } as const;
  assert.equal(bookOf([...apart, shown, shown]).spentOn(one).trials, 10);
  assert.deepEqual(bookOf([...apart, MARKET]).rows(), [
    {
      symbol: 'A = B = BTCUSD',
      from: '2019-12-31',
      to: '2021-02-04',
      trials: 2,
      looks: 0,
      holdouts: 0,
      tags: ['a', 'b'],
    },
  ]);
});

test('a run is told what every run has spent on its market by now', () => {
  const book = bookOf([MARKET, HERE, trial('a', '1', HERE), trial('b', '1', HERE), look('b', '1', HERE)]);
  assert.deepEqual([book.spentOf('a')?.trials, book.spentOf('a')?.looks, book.spentOf('c')], [2, 1, undefined]);
});

test('when windows roll forward N and keeps stay; looks count where the days are the same', () => {
  const rolled = setting([MARKET.series], [0, 310, 311, 350, 351, 400]);
  const keep = { type: 'keep', run: 'a', tag: 'a', trial: '1', setting: HERE.setting, family: 'f' } as const;
  const entries: Entry[] = [
    ...[MARKET, HERE, trial('a', '1', HERE), look('a', '1', HERE)],
    { ...keep, equity: 'e', score: 1, sharpe: 2, returns: '' },
  ];
  const { trials, looks, keeps } = bookOf(entries).spentOn(rolled);
  assert.deepEqual([trials, looks, keeps.length], [1, 0, 1]);
});

test('a day that was train is never selection or holdout again: tag and dates are named', () => {
  const book = bookOf([MARKET, HERE, trial('a', '1', HERE, 'night-1')]);
  assert.deepEqual(book.chosenOn(HERE), []);
  assert.deepEqual(book.chosenOn(setting([MARKET.series], [0, 100, 150, 250, 251, 400])), [
    'selection fold 1: 2020-05-30 to 2020-07-19 was train of night-1',
  ]);
  assert.deepEqual(bookOf([MARKET, HERE]).chosenOn(setting([MARKET.series], [0, 100, 150, 250, 251, 400])), []);
});

test('a selection day that was looked at is never holdout again; one that was not may be', () => {
  const later = setting([MARKET.series], [0, 200, 201, 230, 240, 400]);
  const tried = [MARKET, HERE, trial('a', '1', HERE, 'night-1')];
  assert.deepEqual(bookOf(tried).chosenOn(later), []);
  const looked = bookOf([...tried, look('a', '1', HERE, 'night-1')]);
  assert.deepEqual(looked.chosenOn(later), ['holdout: 2020-08-28 to 2020-10-27 was selection of night-1']);
  assert.deepEqual(looked.chosenOn(HERE), []);
  assert.deepEqual(looked.chosenOn(setting([MARKET.series], [0, 300, 301, 400, 401, 500])), [], 'rolled forward');
});

test('the number of a trial is free for other code until it has begun', () => {
  const other = { run: 'a', trial: '1', fingerprint: 'other' };
  const begun: Entry = { type: 'begun', run: 'a', tag: 'a', trial: '1', setting: HERE.setting };
  const charged = [MARKET, HERE, trial('a', '1', HERE)];
  assert.equal(bookOf(charged).begunWithOther(other), false);
  const book = bookOf([...charged, begun]);
  assert.equal(book.begunWithOther(other), true);
  assert.equal(book.begunWithOther({ ...other, fingerprint: '1' }), false, 'the same code');
  assert.deepEqual([book.spentOn(HERE).trials, book.rows()[0].trials], [1, 1], 'it is no second charge');
});

test('forgetting clears what was spent before it, says why ever after, and clears nothing of the days seen', () => {
  const book = bookOf([MARKET, HERE, trial('a', '1', HERE), look('a', '1', HERE)]);
  const forget = book.forgetting('BTCUSD', 'the bars were wrong')!;
  book.take(JSON.stringify({ seq: 5, prev: book.head.hash, at: 0, entry: forget }));
  book.take(JSON.stringify({ seq: 6, prev: book.head.hash, at: 0, entry: trial('a', '2', HERE) }));
  const { trials, looks, forgotten } = book.spentOn(HERE);
  assert.deepEqual([trials, looks, forgotten], [1, 0, ['the bars were wrong']]);
  assert.equal(
    book.chosenOn(setting([MARKET.series], [0, 100, 150, 250, 251, 400])).length,
    2,
    'trained and looked at',
  );
  assert.equal(book.forgetting('NONE', 'why'), null);
});
