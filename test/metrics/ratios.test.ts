import assert from 'node:assert/strict';
import test from 'node:test';
import { marketRelation } from '../../src/metrics/benchmark.ts';
import { annualReturn, calmar, returnsOf } from '../../src/metrics/returns.ts';
import { sharpeRatio, sortinoRatio } from '../../src/metrics/statistics/moments.ts';
import { concentration, expectancy, profitFactor, winRate } from '../../src/metrics/trades.ts';
import fc from '../fast-check.ts';

const near = (value: number | null, expected: number, tolerance = 1e-9) =>
  assert.ok(
    value !== null && Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${value} against ${expected}`,
  );
// A return of 1e-162 is no return, and its square is no number any more.
const oneReturn = fc.double({ min: -0.5, max: 0.5, noNaN: true }).map((value) => (Math.abs(value) < 1e-9 ? 0 : value));
const returns = fc.array(oneReturn, { minLength: 2, maxLength: 60 });
const levels = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

test('ratios of constant, empty and too short columns are undefined', () => {
  for (const column of [[], [0.1], [0.1, 0.1, 0.1], [0, 0], [0.1, Number.NaN, 0.2]])
    assert.ok(Number.isNaN(sharpeRatio(column)));
  assert.ok(Number.isNaN(sortinoRatio([0.1, 0.2])));
  assert.ok(Number.isNaN(sortinoRatio([])));
});

test('a benchmark is taken off every period', () => {
  const column = [0.01, -0.02, 0.03];
  const excess = column.map((value) => value - 0.005);
  near(sharpeRatio(column, 0.005), sharpeRatio(excess));
  near(sortinoRatio(column, 0.005), sortinoRatio(excess));
});

test('Sharpe and Sortino do not see leverage', () => {
  fc.assert(
    fc.property(returns, fc.double({ min: 0.1, max: 10, noNaN: true }), (column, leverage) => {
      const levered = column.map((value) => leverage * value);
      for (const ratio of [sharpeRatio, sortinoRatio]) {
        const before = ratio(column);
        if (Math.abs(before) < 1e6) near(ratio(levered), before, 1e-6);
      }
    }),
    { seed: 1 },
  );
});

test('growth compounds over 365 days a year', () => {
  near(annualReturn(100, 121, 730), 0.1);
  near(annualReturn(100, 100, 10), 0);
  assert.equal(annualReturn(100, 0, 10), -1);
  assert.equal(annualReturn(100, -5, 10), -1);
  assert.equal(annualReturn(100, 110, 0), null);
  near(calmar(0.3, 0.15), 2);
  assert.equal(calmar(0.3, 0), null);
  assert.equal(calmar(null, 0.2), null);
});

test('money of trades: factor, expectancy, rate', () => {
  near(profitFactor([30, -10, -5, 0]), 2);
  assert.equal(profitFactor([5, 5]), null);
  assert.equal(profitFactor([]), null);
  near(profitFactor([-5]), 0);
  near(expectancy([30, -10, -5, 0]), 3.75);
  near(winRate([30, -10, -5, 0]), 0.25);
  assert.equal(expectancy([]), null);
});

test('concentration: one good day in a hundred', () => {
  const days = [100, ...Array.from({ length: 99 }, (_, i) => (i % 2 === 0 ? 1 : -1))];
  near(concentration(days, 1), 100 / 101);
  assert.equal(concentration([-1, 2, -3], 1), null);
  near(concentration([10, -5], 5), 2);
});

test('beta undoes what was done to the market', () => {
  fc.assert(
    fc.property(returns, fc.double({ min: -3, max: 3, noNaN: true }), (column, beta) => {
      const market = Float64Array.from(column);
      if (Math.max(...column) - Math.min(...column) < 1e-6) return;
      const found = marketRelation(
        market.map((value) => beta * value),
        market,
      );
      near(found.beta, beta, 1e-6);
      near(found.alpha, 0, 1e-6);
    }),
    { seed: 3 },
  );
});

test('returns compound back to the levels', () => {
  fc.assert(
    fc.property(levels, fc.double({ min: 1, max: 1e6, noNaN: true }), (curve, start) => {
      let level = start;
      returnsOf(curve, start).forEach((value, i) => {
        level *= 1 + value;
        near(level, curve[i], 1e-6 * (start / curve[i] + 1));
      });
    }),
    { seed: 4, numRuns: 50 },
  );
});
