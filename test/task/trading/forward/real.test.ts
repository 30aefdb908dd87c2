import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SimulationResult } from '../../../../src/backtest/contract.ts';
import type { Day } from '../../../../src/forward/entries.ts';
import { realBars } from '../../../../src/lab/calibrate/markets/real.ts';
import { barsBetween, DAY } from '../../../../src/market/bars.ts';
import { dailyReturns } from '../../../../src/metrics/returns.ts';
import { makeProjectWith } from './kept-run.ts';

const FOLDER = join(import.meta.dirname, '../../../../../shared/data/bitfinex');
const FILE = join(FOLDER, 'BTCUSD-1m-2015.csv.gz');
const RULE = { factor: 4, neighbours: 5, minutes: 60 };
const skip = existsSync(FILE) ? false : `no real bars at ${FILE}`;

test('fed piece by piece, in one go or out of order, the record is the backtest of those days with its state carried in', {
  skip,
}, async (t) => {
  const all = await realBars(FILE, 'bitfinex', RULE);
  // The exchange was closed for ten days in May.
  const bars = barsBetween(all, Date.UTC(2015, 5, 1), Date.UTC(2016, 0, 1));
  const project = await makeProjectWith({ BTCUSD: bars });
  t.after(() => project.remove());
  const { from, feed, keepOf, played } = project;
  const pieces = keepOf('pieces');
  const piece = (k: number) => from + k * 10 * DAY;
  await feed(0, piece(1));
  const [first] = (await pieces.look()).looked;
  assert.equal(first.problem, null, String(first.problem));
  // The last hour of a day tells a misprint from a crash by the minutes behind it.
  assert.equal(first.record?.days.length, 9);
  const again = await pieces.look();
  assert.equal(again.looked[0].added, 0);
  // The third comes before the second.
  await feed(piece(2), piece(3));
  const [waiting] = (await pieces.look()).looked;
  assert.deepEqual([waiting.added, waiting.missing], [1, { from: piece(1), to: piece(2) }]);
  await feed(piece(1), piece(2));
  const [whole] = (await pieces.look()).looked;
  assert.deepEqual([whole.added, whole.missing, whole.differs], [19, null, 0]);
  const [once] = (await keepOf('once').look()).looked;
  const bare = (days: readonly Day[]) => days.map(({ run: _, ...day }) => day);
  assert.deepEqual(bare(whole.record!.days), bare(once.record!.days));
  assert.deepEqual(whole.record!.frozen.promise, once.record!.frozen.promise);

  compare(whole.record!.days, played(piece(3) - DAY), from, 8);
});

const long = process.env.RALPH_FORWARD_LONG ? skip : 'four years of bars take minutes: RALPH_FORWARD_LONG=1';

test('trained on 2013 to the middle of 2015, fed by the month to the end of 2016, or in one go: the same record, the backtest of those days', {
  skip: long,
}, async (t) => {
  const bars = await realBars(join(FOLDER, 'BTCUSD-1m-*.csv.gz'), 'bitfinex', RULE);
  const first = Math.ceil(bars.time[0] / DAY) * DAY + 10 * DAY;
  const offset = (date: string) => (Date.parse(date) - first) / DAY;
  const [train, fold, end] = ['2014-10-01', '2015-02-01', '2015-07-01'].map(offset);
  const plan = { train, fold: [train + 1, fold], holdout: [fold + 1, end] } as const;
  const project = await makeProjectWith({ BTCUSD: bars }, plan);
  t.after(() => project.remove());
  const { from, feed, keepOf, played } = project;
  // The exchange was closed for weeks at a time.
  const look = async (run: ReturnType<typeof keepOf>) => {
    const [seen] = (await run.look({ closed: 60 })).looked;
    assert.equal(seen.problem, null, String(seen.problem));
    return seen;
  };
  const monthly = keepOf('monthly');
  let [fed, looks] = [0, 0];
  for (let month = 7; month <= 24; month++) {
    const next = Date.UTC(2015, month, 1, 2);
    await feed(fed, next);
    fed = next;
    const seen = await look(monthly);
    looks += 1;
    t.diagnostic(
      `${looks}: ${seen.added} days, ${seen.record?.days.length ?? 0} in all, waits for ${seen.missing?.from ?? 'nothing'}`,
    );
  }
  const { record } = await look(monthly);
  const bare = (days: readonly Day[]) => days.map(({ run: _, ...day }) => day);
  const once = await look(keepOf('once'));
  assert.deepEqual(bare(record!.days), bare(once.record!.days));
  const days = record!.days;
  const result = played(from + days.length * DAY);
  compare(days, result, from, 100);
  const fills = days.reduce((sum, day) => sum + day.fills.length, 0);
  const grown = days.reduce((level, day) => level * (1 + day.return), 1) - 1;
  t.diagnostic(
    `${looks} looks, ${days.length} days from ${new Date(from).toISOString()}, ${fills} fills, return ${grown}`,
  );
});

/** The days of a record are those of a backtest: returns, fills one by one, and what was held at each midnight. */
function compare(days: readonly Day[], result: SimulationResult, from: number, least: number): void {
  const returns = dailyReturns(result).slice(-days.length);
  assert.ok(result.fills!.filter(({ time }) => time >= from).length > least);
  let [held, k] = [0, 0];
  const { fills } = result;
  for (const [d, day] of days.entries()) {
    assert.deepEqual([day.day, day.return], [from + d * DAY, returns[d]]);
    const own = fills!.filter(({ time }) => time >= day.day && time < day.day + DAY);
    assert.deepEqual(
      day.fills,
      own.map(({ time, symbol, price, quantity, fee, reason }) => [time, symbol, price, quantity, fee, reason]),
    );
    for (; k < fills!.length && fills![k].time < day.day + DAY; k++) held += fills![k].quantity;
    assert.deepEqual(day.positions, [held]);
  }
}
