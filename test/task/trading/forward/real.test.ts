import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Day } from '../../../../src/forward/entries.ts';
import { realBars } from '../../../../src/lab/calibrate/real.ts';
import { barsBetween, DAY } from '../../../../src/market/bars.ts';
import { dailyReturns } from '../../../../src/metrics/returns.ts';
import { makeProjectWith } from './kept-run.ts';

const FILE = join(import.meta.dirname, '../../../../../shared/data/bitfinex/BTCUSD-1m-2015.csv.gz');
const skip = existsSync(FILE) ? false : `no real bars at ${FILE}`;

test('fed piece by piece, in one go or out of order, the record is the backtest of those days with its state carried in', {
  skip,
}, async (t) => {
  const all = await realBars(FILE, 'bitfinex', { factor: 4, neighbours: 5, minutes: 60 });
  // The exchange was closed for ten days in May.
  const bars = barsBetween(all, Date.UTC(2015, 5, 1), Date.UTC(2016, 0, 1));
  const project = await makeProjectWith(bars, 'BTCUSD');
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

  const result = played(piece(3) - DAY);
  const returns = dailyReturns(result).slice(-29);
  assert.ok(result.fills!.filter(({ time }) => time >= from).length > 8);
  for (const [d, day] of whole.record!.days.entries()) {
    assert.deepEqual([day.day, day.return], [from + d * DAY, returns[d]]);
    const own = result.fills!.filter(({ time }) => time >= day.day && time < day.day + DAY);
    assert.deepEqual(
      day.fills,
      own.map(({ time, symbol, price, quantity, fee, reason }) => [time, symbol, price, quantity, fee, reason]),
    );
    const held = result
      .fills!.filter(({ time }) => time < day.day + DAY)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    assert.deepEqual(day.positions, [held]);
  }
});
