import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import { momentsOf, sharpeRatio } from '../../../src/metrics/statistics/moments.ts';
import { normalCdf, normalQuantile } from '../../../src/metrics/statistics/normal.ts';
import {
  bestOfProbability,
  bestOfQuantile,
  deflatedSharpe,
  expectedMaximum,
  probabilisticSharpe,
} from '../../../src/metrics/statistics.ts';
import fc from '../../fast-check.ts';

const noise = (count: number, random: () => number) => Float64Array.from({ length: count }, () => gaussian(random));
const sampleOf = (values: Float64Array) => {
  const { count, mean, deviation, skew, kurtosis } = momentsOf(values);
  return { sharpe: mean / deviation, count, skew, kurtosis };
};

test('the probabilistic Sharpe exceeds .95 in 3.5-6.5% of 4,000 null runs at T = 250', () => {
  const random = seededRandom('psr');
  let passed = 0;
  for (let run = 0; run < 4000; run++) if (probabilisticSharpe(sampleOf(noise(250, random)), 0) > 0.95) passed += 1;
  assert.ok(passed / 4000 > 0.035 && passed / 4000 < 0.065, `${passed / 40}%`);
});

test('the best of 50 null trials clears its expected maximum in 35-65% of runs', () => {
  const random = seededRandom('maximum');
  const bar = expectedMaximum(50, 1 / 250);
  let cleared = 0;
  for (let run = 0; run < 400; run++) {
    const best = Math.max(...Array.from({ length: 50 }, () => sharpeRatio(noise(250, random))));
    if (best > bar) cleared += 1;
  }
  assert.ok(cleared / 400 > 0.35 && cleared / 400 < 0.65, `${cleared / 4}%`);
});

test('the best of 20 null trials clears the 10% quantile of the best of 20 in 7-13% of runs', () => {
  const random = seededRandom('quantile');
  const bar = bestOfQuantile(20, 0.1);
  let cleared = 0;
  for (let run = 0; run < 2000; run++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < 20; n++) best = Math.max(best, gaussian(random));
    if (best > bar) cleared += 1;
  }
  assert.ok(cleared / 2000 > 0.07 && cleared / 2000 < 0.13, `${cleared / 20}%`);
});

test('more trials never lower the bar, and never raise the deflated Sharpe', () => {
  const sample = { sharpe: 0.1, count: 1000, skew: 0, kurtosis: 3 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 1000 }), (trials, more) => {
      assert.ok(expectedMaximum(trials + more, 1) >= expectedMaximum(trials, 1));
      assert.ok(bestOfQuantile(trials + more, 0.1) > bestOfQuantile(trials, 0.1));
      assert.ok(deflatedSharpe(sample, trials + more, 0.001) <= deflatedSharpe(sample, trials, 0.001));
    }),
  );
});

test('quantile and distribution are inverse, in both tails', () => {
  fc.assert(
    fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (z) => {
      assert.ok(Math.abs(normalQuantile(normalCdf(z)) - z) < 1e-9);
    }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
      (trials, alpha) => {
        assert.ok(Math.abs(bestOfProbability(bestOfQuantile(trials, alpha), trials) - alpha) < 1e-9);
      },
    ),
  );
});

test('a constant, an empty and a single-valued column are NaN, never a number that a gate could pass', () => {
  for (const column of [
    new Float64Array(),
    new Float64Array(1),
    new Float64Array(100).fill(0.1),
    new Float64Array(100),
  ]) {
    const sample = sampleOf(column);
    assert.ok(Number.isNaN(sharpeRatio(column)));
    assert.ok(Number.isNaN(probabilisticSharpe(sample, 0)));
    assert.ok(Number.isNaN(deflatedSharpe(sample, 100, 0.001)));
  }
  assert.ok(Number.isNaN(probabilisticSharpe({ sharpe: 3, count: 100, skew: 5, kurtosis: 3 }, 0)), 'D <= 0');
  assert.ok(Number.isNaN(probabilisticSharpe({ sharpe: 3, count: 1, skew: 0, kurtosis: 3 }, 0)), 'one observation');
});
