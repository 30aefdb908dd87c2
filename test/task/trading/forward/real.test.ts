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

test('fed month by month, in one go or out of order, the record is the backtest of those months with its state carried in', {
  skip,
}, async (t) => {
  const all = await realBars(FILE, 'bitfinex', { factor: 4, neighbours: 5, minutes: 60 });
  // The exchange was closed for ten days in May.
  const bars = barsBetween(all, Date.UTC(2015, 5, 1), Date.UTC(2016, 0, 1));
  const project = await makeProjectWith(bars, 'BTCUSD');
  t.after(() => project.remove());
  const { from, feed, keepOf, played } = project;
  const monthly = keepOf('monthly');
  const month = (k: number) => from + k * 30 * DAY;
  await feed(0, month(1));
  const [first] = (await monthly.look()).looked;
  assert.equal(first.problem, null, String(first.problem));
  // The last hour of a day tells a misprint from a crash by the minutes behind it.
  assert.equal(first.record?.days.length, 29);
  const again = await monthly.look();
  assert.equal(again.looked[0].added, 0);
  // The third month comes before the second.
  await feed(month(2), month(3));
  const [waiting] = (await monthly.look()).looked;
  assert.deepEqual([waiting.added, waiting.missing], [1, { from: month(1), to: month(2) }]);
  await feed(month(1), month(2));
  const [whole] = (await monthly.look()).looked;
  assert.deepEqual([whole.added, whole.missing, whole.differs], [59, null, 0]);
  const [once] = (await keepOf('once').look()).looked;
  const bare = (days: readonly Day[]) => days.map(({ run: _, ...day }) => day);
  assert.deepEqual(bare(whole.record!.days), bare(once.record!.days));
  assert.deepEqual(whole.record!.frozen.promise, once.record!.frozen.promise);

  const result = played(month(3) - DAY);
  const returns = dailyReturns(result).slice(-89);
  assert.ok(result.fills!.filter(({ time }) => time >= from).length > 20);
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
