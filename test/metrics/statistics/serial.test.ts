import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import { blockLength, stationaryIndex } from '../../../src/metrics/statistics/bootstrap.ts';
import { stepDownPValues } from '../../../src/metrics/statistics/family-audit.ts';
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

test('autocorrelation, Newey-West error and block length of statsmodels 0.15 and arch 8.0', () => {
  // acf(x)[1]; OLS on a constant, HAC with these lags and no small-sample correction; optimal_block_length(x).stationary.
  const published = [
    { count: 500, rho: 0.3, first: 0.2755697670164274, error: 0.0175726927705994, block: 5.515405002135969 },
    { count: 1000, rho: 0.7, first: 0.6772588397084551, error: 0.02335163523181881, block: 15.54919957760972 },
  ];
  for (const { count, rho, first, error, block } of published) {
    const values = fixed(count, rho);
    assert.ok(Math.abs(autocorrelation(values) - first) < 1e-9);
    assert.ok(Math.abs(standardErrorOfMean(values) - error) < 1e-9);
    assert.ok(Math.abs(blockLength(values) - block) < 1e-9);
  }
  // Negatively correlated: theirs is 0.0170, ours stays at the plain one; their block of 0.91 is at least 1.
  const values = fixed(250, 0);
  assert.ok(Math.abs(autocorrelation(values) + 0.026050144880828966) < 1e-9);
  assert.ok(standardErrorOfMean(values) > 0.0183);
  assert.equal(blockLength(values), 1);
});

test('the stationary bootstrap keeps runs of the mean length and draws every row equally often', () => {
  const random = seededRandom('index');
  const hits = new Int32Array(50);
  let joins = 0;
  for (let draw = 0; draw < 2000; draw++) {
    const index = stationaryIndex(50, 10, random);
    index.forEach((row, i) => {
      hits[row] += 1;
      if (i > 0 && row === (index[i - 1] + 1) % 50) joins += 1;
    });
  }
  // A restart may by chance hit the next row as well: 0.9 + 0.1 / 50.
  assert.ok(Math.abs(joins / (2000 * 49) - 0.902) < 0.005);
  assert.ok(Math.min(...hits) > 1700 && Math.max(...hits) < 2300);
});

test('Politis-White block length: short for noise, longer the more correlated, 1 for a constant', () => {
  const mean = (rho: number) =>
    Array.from({ length: 10 }, (_, i) => blockLength(autoregression(1000, rho, `block ${rho} ${i}`))).reduce(
      (a, b) => a + b,
    ) / 10;
  const [none, some, much] = [mean(0), mean(0.5), mean(0.9)];
  assert.ok(none < 5 && none < some && some < much, `${none} ${some} ${much}`);
  // Theory for AR(1), Politis & White (2004): ((2 rho / (1 - rho^2))^2 n)^(1/3), 12.1 at rho .5 and n 1000.
  assert.ok(some > 8 && some < 17, `${some}`);
  assert.equal(blockLength(new Float64Array(100).fill(1)), 1);
});

test('Romano-Wolf finds the one strategy with an edge and holds the family error on noise', () => {
  const columns = Array.from({ length: 10 }, (_, n) => autoregression(500, 0, `kin ${n}`));
  columns[4] = columns[4].map((value) => value + 0.25);
  const p = stepDownPValues(columns, { draws: 500, random: seededRandom('rw') });
  assert.ok(p[4] < 0.01);
  assert.ok(p.every((value, n) => n === 4 || value > 0.05));

  let rejected = 0;
  for (let run = 0; run < 60; run++) {
    const family = Array.from({ length: 8 }, (_, n) => autoregression(250, 0, `null ${run} ${n}`));
    const values = stepDownPValues(family, { draws: 200, random: seededRandom(run), meanBlock: 2 });
    if (values.some((value) => value <= 0.1)) rejected += 1;
  }
  assert.ok(rejected <= 14, `${rejected} of 60 at 10%`);
  assert.equal(stepDownPValues([new Float64Array(50)], { draws: 50, random: seededRandom(1) })[0], 1);
});

test('no strategy is so good that its p-value is nothing', () => {
  const random = seededRandom('sure');
  const sure = Float64Array.from({ length: 200 }, () => 5 + gaussian(random));
  assert.deepEqual(stepDownPValues([sure], { draws: 99, random }), [0.01]);
});

test('five quiet lags end the search for dependence, four do not', () => {
  const echo = (lag: number) => {
    const random = seededRandom('echo');
    const steps = Float64Array.from({ length: 2000 }, () => gaussian(random));
    return blockLength(steps.map((value, i) => value + (i >= lag ? 0.9 * steps[i - lag] : 0)));
  };
  assert.ok(echo(5) > 3 * echo(6), `${echo(5)} ${echo(6)}`);
});
