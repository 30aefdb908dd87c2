import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feasibilityOf, looksLeft, refuseImpossible } from '../../src/gates/feasibility.ts';
import { DAY } from '../../src/market/bars.ts';
import { shippedGates } from './support.ts';

const span = (fromDay: number, days: number) => ({ from: fromDay * DAY, to: (fromDay + days) * DAY });
const windows = { train: span(0, 1460), selection: [span(1467, 365)], holdout: span(1840, 182.5) };

test('four years and one: the shipped gates need a Sharpe that an edge can have, and say which gate needs what', () => {
  const found = feasibilityOf(windows, shippedGates(), 100);
  assert.deepEqual(found.problems, []);
  assert.ok(found.sharpe > 1.4 && found.sharpe < 1.8, `${found.sharpe}`);
  assert.deepEqual(
    found.needs.map(({ gate }) => gate),
    ['train.sharpe', 'subperiods.positive', 'deflation.sharpe', 'selection.held_back', 'train.trades'],
  );
  assert.ok(Math.abs(found.needs[2].sharpe! - 1.54) < 0.01);
  assert.ok(Math.abs(found.detectable - 3.52) < 0.01);
  refuseImpossible(found);
});

test('more trials need more', () => {
  assert.ok(
    feasibilityOf(windows, shippedGates(), 10_000).sharpe > feasibilityOf(windows, shippedGates(), 100).sharpe + 0.3,
  );
});

test('impossible sets are refused with the numbers', () => {
  const worstOfSix = shippedGates({ train: { minTrades: 10 }, subperiods: { parts: 12, minPositive: 1 } });
  const short = { ...windows, train: span(0, 180) };
  const found = feasibilityOf(short, worstOfSix, 1000);
  assert.throws(() => refuseImpossible(found), /needs a true Sharpe of \d+\.\d\d .* hardest gate is/);
  const busy = feasibilityOf(windows, shippedGates({ train: { minTrades: 50_000 } }), 100);
  assert.throws(() => refuseImpossible(busy), /12500 trades a year/);
  const steep = feasibilityOf(windows, shippedGates({ train: { minSharpe: 8 } }), 100);
  assert.throws(() => refuseImpossible(steep), /train.sharpe/);
});

test('the looks that are left end with the last one after which something can be kept', () => {
  const gates = shippedGates({ feasibility: { maxSharpe: 3 } });
  const end = looksLeft(windows, gates, 100, 0);
  const problems = [end, end + 1].map((looks) => feasibilityOf(windows, gates, 100, looks).problems.length);
  assert.deepEqual(problems, [0, 1], `${end} looks`);
  for (const left of [1, 2, 3, 4, 5, 6, 7, 8]) assert.equal(looksLeft(windows, gates, 100, end - left), left);
  assert.equal(looksLeft(windows, gates, 100, end + 1), 0);
});
