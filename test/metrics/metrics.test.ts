import assert from 'node:assert/strict';
import test from 'node:test';
import { DAY } from '../../src/market/bars.ts';
import { computeMetrics, dailyReturns } from '../../src/metrics/metrics.ts';
import { resultWith, tradesOf } from './support.ts';

const near = (value: number | null, expected: number, tolerance = 1e-12) =>
  assert.ok(value !== null && Math.abs(value - expected) <= tolerance, `${value} against ${expected}`);

test('daily returns are net, mark-to-market, one a day, the first against the starting cash', () => {
  const returns = dailyReturns(resultWith([110, 99, 99, 103.95]));
  [0.1, -0.1, 0, 0.05].forEach((expected, i) => void near(returns[i], expected));
});

test('after ruin nothing is left to gain or lose', () => {
  assert.deepEqual([...dailyReturns(resultWith([50, 0, 0]))], [-0.5, -1, 0]);
  assert.equal(computeMetrics(resultWith([50, 0, 0])).annualReturn, -1);
});

test('every number of a small simulation, worked out by hand', () => {
  const metrics = computeMetrics(
    resultWith([110, 99, 99, 103.95], {
      dayBenchmark: Float64Array.of(1.05, 1, 1.02, 1.1),
      trades: tradesOf([
        [1, 10, 12, 5, 9, 6],
        [-1, 12, 13, 5, -5, 2],
        [1, 10, 10, 2, 0, 4],
      ]),
      maxDrawdown: 0.1,
      underwaterMs: 3 * DAY,
      barsInPosition: 720,
      meanExposure: 0.25,
      traded: 300,
      fees: 0.5,
      slippage: 0.25,
      funding: -0.25,
    }),
  );
  // mean 0.0125, sum of squared deviations 0.021875, n - 1 = 3
  near(metrics.sharpe, (0.0125 / Math.sqrt(0.021875 / 3)) * Math.sqrt(365));
  // one shortfall of 0.1 over all four days
  near(metrics.sortino, (0.0125 / Math.sqrt(0.01 / 4)) * Math.sqrt(365));
  near(metrics.annualVolatility, Math.sqrt(0.021875 / 3) * Math.sqrt(365));
  near(metrics.totalReturn, 0.0395);
  near(metrics.annualReturn, 1.0395 ** (365 / 4) - 1, 1e-9);
  near(metrics.calmar, (1.0395 ** (365 / 4) - 1) / 0.1, 1e-8);
  near(metrics.maxDrawdown, 0.1);
  near(metrics.underwaterDays, 3);
  near(metrics.trades, 3);
  near(metrics.profitFactor, 9 / 5);
  near(metrics.expectancy, 4 / 3);
  near(metrics.expectancyBps, ((9 / 50 - 5 / 60 + 0) / 3) * 10_000, 1e-9);
  near(metrics.winRate, 1 / 3);
  near(metrics.holdingHours, 4);
  near(metrics.exposure, 0.25);
  near(metrics.timeInMarket, 0.125);
  near(metrics.turnover, (300 / 102.9875) * (365 / 4), 1e-9);
  near(metrics.costs, 0.005);
  near(metrics.benchmarkReturn, 1.1 ** (365 / 4) - 1, 1e-8);
  // the best days made 10 and 4.95 of a net 3.95, the best trade 9 of a net 4
  near(metrics.topDaysShare, 14.95 / 3.95, 1e-9);
  near(metrics.topTradesShare, 9 / 4);
});

test('beta, correlation and alpha of twice the market plus a constant', () => {
  const market = [0.01, -0.02, 0.03, 0.005, -0.01];
  const levels = (returns: readonly number[], start: number) => {
    let level = start;
    return returns.map((value) => (level *= 1 + value));
  };
  const metrics = computeMetrics(
    resultWith(
      levels(
        market.map((value) => 2 * value + 0.001),
        100,
      ),
      {
        dayBenchmark: Float64Array.from(levels(market, 1)),
      },
    ),
  );
  near(metrics.beta, 2, 1e-9);
  near(metrics.benchmarkCorrelation, 1, 1e-9);
  near(metrics.alpha, 0.001 * 365, 1e-9);
});

test('a strategy that never traded: cash has no risk to divide by, and nothing is NaN', () => {
  const metrics = computeMetrics(resultWith([100, 100, 100], { dayBenchmark: Float64Array.of(1, 1.1, 1.05) }));
  for (const [name, value] of Object.entries(metrics)) {
    assert.ok(value === null || Number.isFinite(value), `${name} is ${value}`);
  }
  const undefinedOnes = ['sharpe', 'sortino', 'calmar', 'profitFactor', 'expectancy', 'winRate', 'holdingHours'];
  for (const name of [...undefinedOnes, 'benchmarkCorrelation', 'topDaysShare', 'topTradesShare']) {
    assert.equal(metrics[name], null, name);
  }
  assert.equal(metrics.beta, 0);
  assert.equal(metrics.trades, 0);
  assert.equal(metrics.annualReturn, 0);
});

test('an empty range has no numbers, only counts', () => {
  const metrics = computeMetrics(resultWith([], { bars: 0 }));
  for (const name of [
    'sharpe',
    'annualReturn',
    'benchmarkReturn',
    'turnover',
    'timeInMarket',
    'beta',
    'excessReturn',
  ]) {
    assert.equal(metrics[name], null, name);
  }
});

test('a NaN from the engine never becomes a number', () => {
  const metrics = computeMetrics(resultWith([100, Number.NaN, 101], { maxDrawdown: Number.NaN }));
  assert.equal(metrics.sharpe, null);
  assert.equal(metrics.maxDrawdown, null);
  assert.equal(metrics.calmar, null);
});
