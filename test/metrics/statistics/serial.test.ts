import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import { autocorrelation, effectiveCount, standardErrorOfMean } from '../../../src/metrics/statistics/serial.ts';

/** First-order autoregression with unit innovations. */
const autoregression = (count: number, rho: number, seed: string) => {
  const random = seededRandom(seed);
  const values = new Float64Array(count);
  for (let i = 1; i < count; i++) values[i] = rho * values[i - 1] + gaussian(random);
  return values;
};

test('autocorrelation of a first-order autoregression is its coefficient', () => {
  assert.ok(Math.abs(autocorrelation(autoregression(20_000, 0.4, 'ar')) - 0.4) < 0.02);
  assert.ok(Number.isNaN(autocorrelation(new Float64Array(50))));
  assert.equal(effectiveCount(300, 0.5), 100);
});

test('the standard error of the mean covers the truth in about 95% of correlated series, and never shrinks below the plain one', () => {
  let covered = 0;
  for (let run = 0; run < 500; run++) {
    const values = autoregression(1500, 0.2, `se ${run}`);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (Math.abs(mean) < 1.96 * standardErrorOfMean(values)) covered += 1;
  }
  assert.ok(covered > 455 && covered < 490, `${covered / 5}%`);
  const alternating = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  assert.ok(Math.abs(standardErrorOfMean(alternating) - 0.1) < 1e-12);
});

/** A fixed autoregression on a linear congruential generator, the same in every language. */
const fixed = (count: number, rho: number) => {
  let state = 12345n;
  let last = 0;
  return Float64Array.from({ length: count }, () => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    last = rho * last + (Number(state) / 2147483648 - 0.5);
    return last;
  });
};

test('autocorrelation and Newey-West error of statsmodels 0.15', () => {
  // acf(x)[1]; OLS on a constant, HAC with these lags and no small-sample correction.
  const published = [
    { count: 500, rho: 0.3, first: 0.2755697670164274, error: 0.0175726927705994 },
    { count: 1000, rho: 0.7, first: 0.6772588397084551, error: 0.02335163523181881 },
  ];
  for (const { count, rho, first, error } of published) {
    const values = fixed(count, rho);
    assert.ok(Math.abs(autocorrelation(values) - first) < 1e-9);
    assert.ok(Math.abs(standardErrorOfMean(values) - error) < 1e-9);
  }
  // Negatively correlated: theirs is 0.0170, ours stays at the plain one.
  const values = fixed(250, 0);
  assert.ok(Math.abs(autocorrelation(values) + 0.026050144880828966) < 1e-9);
  assert.ok(standardErrorOfMean(values) > 0.0183);
});
