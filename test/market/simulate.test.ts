import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../src/base/hash.ts';
import type { SimulationSpec } from '../../src/market/simulate/spec.ts';
import { simulateMarket } from '../../src/market/simulate.ts';

const HOURLY = { barMinutes: 60, minutes: 10 * 525_960 } as const;

function meanOracle(spec: Omit<SimulationSpec, 'seed'>, seeds: number): number {
  let sum = 0;
  for (let seed = 0; seed < seeds; seed++) sum += simulateMarket({ ...spec, seed }).edges[0].oracleSharpe;
  return sum / seeds;
}

test('a seed gives the same bars on every machine', () => {
  const { bars } = simulateMarket({ seed: 7, minutes: 20_000, edges: [{ kind: 'momentum', annualSharpe: 3 }] });
  const print = sha256(
    [bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume].map((c) => sha256(c)).join(),
  );
  assert.equal(print, '9a56f7ae6c16f36aafd9bfe7088b6448220c1f20e14472e768e9cf71b90b3cb9');
  const other = simulateMarket({ seed: 8, minutes: 20_000 }).bars;
  assert.notEqual(other.close[5000], bars.close[5000]);
});

test('every bar is a possible bar on the tick, and missing minutes are missing', () => {
  const { bars } = simulateMarket({ seed: 3, minutes: 200_000, gapsPerYear: 200 });
  assert.ok(bars.length < 200_000);
  for (let i = 0; i < bars.length; i++) {
    const [o, h, l, c] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
    assert.ok(l > 0 && l <= Math.min(o, c) && h >= Math.max(o, c) && bars.volume[i] >= 0);
    assert.ok(Math.abs(c * 100 - Math.round(c * 100)) < 1e-6);
    if (i > 0) assert.ok(bars.time[i] > bars.time[i - 1]);
  }
});

// 12 x 10 years: the mean oracle's standard error is 1 / sqrt(120) = 0.09
for (const kind of ['momentum', 'reversion', 'post-jump', 'drift'] as const) {
  test(`the oracle of a planted ${kind} edge earns the Sharpe that was asked for`, () => {
    const found = meanOracle({ ...HOURLY, edges: [{ kind, annualSharpe: 2 }] }, 12);
    assert.ok(Math.abs(found - 2) < 0.35, `asked 2, found ${found}`);
  });
}

test('without an edge the oracle of a rule earns nothing', () => {
  const found = meanOracle({ ...HOURLY, edges: [{ kind: 'momentum', annualSharpe: 0 }] }, 12);
  assert.ok(Math.abs(found) < 0.3, `found ${found}`);
});

test('noise is a martingale: the mean return after an up bar, a loud bar or a jump is zero', () => {
  const sums = { up: 0, loud: 0, jump: 0 };
  const squares = { up: 0, loud: 0, jump: 0 };
  for (let seed = 0; seed < 10; seed++) {
    const { close, length } = simulateMarket({ ...HOURLY, seed, gapsPerYear: 0, tick: 1e-6 }).bars;
    const usual = 0.6 / Math.sqrt(8766);
    for (let i = 2; i < length; i++) {
      const before = close[i - 1] / close[i - 2] - 1;
      const next = close[i] / close[i - 1] - 1;
      const groups = { up: before > 0, loud: Math.abs(before) > 2 * usual, jump: Math.abs(before) > 4 * usual };
      for (const key of ['up', 'loud', 'jump'] as const) {
        if (!groups[key]) continue;
        sums[key] += next;
        squares[key] += next * next;
      }
    }
  }
  for (const key of ['up', 'loud', 'jump'] as const) {
    const t = sums[key] / Math.sqrt(squares[key]);
    assert.ok(Math.abs(t) < 3.3, `${key}: t = ${t}`);
  }
});

test('volatility clusters and returns have fat tails', () => {
  const { close, length } = simulateMarket({ ...HOURLY, seed: 1, gapsPerYear: 0, tick: 1e-6 }).bars;
  const r = Float64Array.from({ length: length - 1 }, (_, i) => (close[i + 1] / close[i] - 1) ** 2);
  const mean = r.reduce((a, b) => a + b, 0) / r.length;
  const variance = r.reduce((a, b) => a + (b - mean) ** 2, 0) / r.length;
  let lagged = 0;
  for (let i = 24; i < r.length; i++) lagged += (r[i] - mean) * (r[i - 24] - mean);
  assert.ok(lagged / r.length / variance > 0.02, 'squared returns a day apart are correlated');
  assert.ok(variance / mean ** 2 + 1 > 3.5, 'kurtosis above the normal 3');
});
