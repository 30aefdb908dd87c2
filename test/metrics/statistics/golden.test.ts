import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharpeRatio, sortinoRatio } from '../../../src/metrics/statistics/moments.ts';
import { normalCdf, normalQuantile } from '../../../src/metrics/statistics/normal.ts';
import { detectableSharpe } from '../../../src/metrics/statistics/power.ts';
import {
  bestOfProbability,
  bestOfQuantile,
  deflatedSharpe,
  expectedMaximum,
  probabilisticSharpe,
  sharpeStatistic,
} from '../../../src/metrics/statistics.ts';

// Published values, never our own output.
const near = (actual: number, expected: number, digits: number) =>
  assert.ok(
    Math.abs(actual - expected) <= 0.5000001 * 10 ** -digits,
    `${actual} is not ${expected} to ${digits} digits`,
  );
const normal = { skew: 0, kurtosis: 3 };

test('G1: deflated Sharpe of Bailey & Lopez de Prado 2014, p. 9-10', () => {
  const sample = { sharpe: 2.5 / Math.sqrt(250), count: 1250, skew: -3, kurtosis: 10 };
  near(expectedMaximum(100, 0.5 / 250), 0.11317200186513214, 12);
  near(deflatedSharpe(sample, 100, 0.5 / 250), 0.9003968344493904, 12);
  // The same page: after 46 trials it would have been just acceptable.
  near(deflatedSharpe(sample, 46, 0.5 / 250), 0.9505, 4);
  // And after 88, had the returns been normal: .95 is passed for the last time there.
  const bell = { ...sample, ...normal };
  near(deflatedSharpe(bell, 88, 0.5 / 250), 0.95, 2);
  assert.ok(deflatedSharpe(bell, 88, 0.5 / 250) > 0.95 && deflatedSharpe(bell, 89, 0.5 / 250) < 0.95);
});

test('deflated Sharpe of mlfinlab: V and N given, or the population variance of three trials', () => {
  const sample = { sharpe: 1.14, count: 250, ...normal };
  // Their test allows 1e-4.
  assert.ok(Math.abs(expectedMaximum(100, 0.4 ** 2) - 1.012241) < 1e-5);
  assert.ok(Math.abs(deflatedSharpe(sample, 100, 0.4 ** 2) - 0.94174) < 1e-5);
  const trials = [3.5, 1.01, 1.02];
  const mean = trials.reduce((sum, value) => sum + value, 0) / 3;
  const variance = trials.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3;
  assert.ok(Math.abs(deflatedSharpe(sample, 3, variance) - 0.95836) < 1e-5);
});

test('G4: probabilistic Sharpe of Bailey & Lopez de Prado 2012', () => {
  near(probabilisticSharpe({ sharpe: 0.458, count: 24, ...normal }, 0), 0.98167, 5);
  near(probabilisticSharpe({ sharpe: 0.458, count: 24, skew: -2.448, kurtosis: 10.164 }, 0), 0.91336, 5);
});

test('2012, fig. 16: error of the Sharpe ratio of the portfolios of largest PSR and largest Sharpe', () => {
  const published = [
    { sharpe: 0.7079, skew: -0.225, kurtosis: 2.957, error: 0.1028, psr: 1 },
    { sharpe: 0.8183, skew: -1.4455, kurtosis: 7.0497, error: 0.155, psr: 0.99999 },
  ];
  const half = 0.5 / Math.sqrt(12);
  for (const { error, psr, ...sample } of published) {
    near(sample.sharpe / sharpeStatistic({ ...sample, count: 134 }, 0), error, 4);
    near(probabilisticSharpe({ ...sample, count: 134 }, half), psr, 5);
  }
});

test('G7: probabilistic Sharpe of mlfinlab', () => {
  // Their test allows 1e-5: the printed digits are cut, not rounded.
  assert.ok(Math.abs(probabilisticSharpe({ sharpe: 1.14, count: 250, ...normal }, 1) - 0.95727) < 1e-5);
});

test('G8: expected maximum of 100 trials at unit variance (pypbo)', () => {
  near(expectedMaximum(100, 1), 2.5306028932016846, 12);
  assert.equal(expectedMaximum(1, 1), 0);
});

test('ten trials without skill are expected to show 1.57 (Bailey, Borwein, Lopez de Prado & Zhu 2014)', () => {
  near(expectedMaximum(10, 1), 1.57, 2);
});

test('G13 and G14: Sharpe with n - 1 and Sortino with the full n (pypbo)', () => {
  const monthly = [0.259, 0.198, 0.364, -0.081, 0.057, 0.055, 0.188, 0.317, 0.24, 0.184, -0.01, 0.526];
  near(sharpeRatio(monthly, 0.05), 0.834364, 6);
  near(sortinoRatio([0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04], 0), 4.417261, 6);
});

test('power: the smallest detectable Sharpe for five window lengths', () => {
  const published = [
    [0.25, 4.97],
    [0.5, 3.52],
    [1, 2.49],
    [2, 1.76],
    [4, 1.24],
  ];
  for (const [years, sharpe] of published) near(detectableSharpe(years), sharpe, 2);
  near(detectableSharpe(1), 2.4865, 4);
});

test('normal distribution: tabulated values in the centre and in the tails', () => {
  near(normalCdf(1.96), 0.9750021048517795, 15);
  assert.ok(Math.abs(normalCdf(-6) / 9.865876450376981e-10 - 1) < 1e-12);
  assert.ok(Math.abs(normalCdf(-10) / 7.61985302416047e-24 - 1) < 1e-12);
  // By mpmath with 40 digits, for the double nearest to 2.9.
  assert.ok(Math.abs(normalCdf(-2.9) / 0.0018658133003840384 - 1) < 5e-15);
  near(normalQuantile(0.975), 1.959963984540054, 14);
  near(normalQuantile(1e-10), -6.361340902404056, 12);
  // Wichura 1988 prints these three.
  near(normalQuantile(0.25), -0.6744897501960817, 15);
  near(normalQuantile(0.001), -3.090232306167814, 14);
  near(normalQuantile(1e-20), -9.2623400897984, 13);
  assert.equal(normalQuantile(0.5), 0);
});

test('the best of 100 over 4 years: 5% wants Sharpe 1.64, 10% wants 1.54, the published deflated Sharpe 2.09', () => {
  near(bestOfQuantile(100, 0.05) / 2, 1.64, 2);
  near(bestOfQuantile(100, 0.1) / 2, 1.54, 2);
  near((expectedMaximum(100, 1) + normalQuantile(0.95)) / 2, 2.09, 2);
  near(bestOfProbability(bestOfQuantile(100, 0.1), 100), 0.1, 12);
});
