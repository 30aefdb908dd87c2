import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { DECISION_WIDTH, type DecisionLog } from '../../src/backtest/orders/decisions.ts';
import type { Bars } from '../../src/market/bars.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { computeMetrics } from '../../src/metrics/metrics.ts';
import { parseClaims } from '../../src/search/memory/claim.ts';
import { readCandles } from '../backtest/support.ts';
import { resultWith } from '../metrics/support.ts';
import { filesOf, firstBars, load, NAMES, play, SPACES, text, withFuture } from './support.ts';

const REAL = fileURLToPath(new URL('../../../shared/data/bitfinex/BTCUSD-1m-2016.csv.gz', import.meta.url));
const market = (seed: number) =>
  simulateMarket({
    seed,
    minutes: 150 * 1440,
    annualVolatility: 0.9,
    edges: [{ kind: 'momentum', annualSharpe: 2 }],
    gapsPerYear: 0,
  }).bars;
const METRICS = Object.keys(computeMetrics(resultWith([100])));
const simulated = market(11);
const another = market(12);

test('each strategy has a YAML, a line in the README and a space that holds its parameters', () => {
  assert.deepEqual(Object.keys(SPACES).sort(), NAMES);
  const readme = text('README.md');
  for (const name of NAMES) assert.ok(readme.includes(`(${name}.ts)`), `${name} is missing in README.md`);
});

for (const name of NAMES) {
  test(`${name}: passes policy and types, and its YAML, space and README say what its code says`, async () => {
    const compiled = await compileCandidate(filesOf(name));
    assert.ok(compiled.ok, compiled.ok ? '' : compiled.problems.join('\n'));
    assert.equal(compiled.config.strategy, `${name}.ts`);
    assert.deepEqual({ ...compiled.config.params }, { ...compiled.defaults });
    assert.deepEqual(Object.keys(compiled.config.sweep), [], 'a shipped sweep would spend trials unasked');
    const [, refutedIf] = compiled.hypothesis.split('; refuted if ');
    assert.ok(parseClaims(refutedIf, METRICS).claims.length > 0, `"${refutedIf}" names no metric and number`);
    assert.ok(text('README.md').includes(compiled.hypothesis), 'README.md has another hypothesis');
    const { family, params } = SPACES[name];
    assert.equal(family, compiled.family);
    assert.deepEqual(Object.keys(params), Object.keys(compiled.defaults));
    for (const [key, values] of Object.entries(params)) {
      assert.ok(values.includes(compiled.defaults[key]), `${key}: the default is not among the values`);
      assert.deepEqual(
        values,
        [...new Set(values)].sort((a, b) => a - b),
        `${key}: values must rise`,
      );
    }
  });

  test(`${name}: trades on a simulated market, without refused orders, and gives finite metrics`, async () => {
    const { result } = play(await load(name), simulated);
    assert.ok(result.fillCount > 0, 'it never traded');
    assert.equal(result.refused, 0);
    for (const value of Object.values(computeMetrics(result))) assert.ok(value === null || Number.isFinite(value));
    // the same inputs, the same bytes
    assert.equal(play(await load(name), simulated).result.equityFingerprint, result.equityFingerprint);
  });

  test(`${name}: no decision before a cut changes when the future is replaced or missing`, async () => {
    const strategy = await load(name);
    const whole = play(strategy, simulated).decisions;
    const moments = cutsOf(whole, simulated, 6);
    assert.ok(moments.length > 0, 'it never decided anything');
    for (const cut of moments) {
      const until = simulated.time[cut];
      const expected = rowsUntil(whole, until);
      assert.deepEqual(rowsUntil(play(strategy, withFuture(simulated, cut, another)).decisions, until), expected);
      assert.deepEqual(rowsUntil(play(strategy, firstBars(simulated, cut)).decisions, until), expected);
    }
  });

  test(`${name}: runs at the corners of its space`, async () => {
    const strategy = await load(name);
    const bars = firstBars(simulated, 40 * 1440);
    for (const corner of [0, -1]) {
      const params = Object.entries(SPACES[name].params).map(([key, values]) => [key, values.at(corner)!]);
      assert.ok(Number.isFinite(play(strategy, bars, Object.fromEntries(params)).result.finalEquity));
    }
  });

  test(`${name}: runs on a real year`, { skip: !existsSync(REAL) }, async () => {
    const { result } = play(await load(name), realBars());
    assert.ok(result.fillCount > 0 && !result.ruined);
    assert.equal(result.refused, 0);
  });
}

let real: Bars | undefined;
function realBars(): Bars {
  real ??= readCandles(REAL);
  return real;
}
after(() => {
  real = undefined;
});

/** Bars at which to cut: just after decisions, spread over all of them. */
function cutsOf(log: DecisionLog, bars: Bars, count: number): number[] {
  const picked = Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) / count) * log.length));
  return [...new Set(picked)]
    .map((row) => bars.time.findIndex((time) => time >= log.values[row * DECISION_WIDTH]))
    .filter((cut) => cut > 0);
}

/** Decisions at bars that closed by a moment. */
function rowsUntil(log: DecisionLog, until: number): Float64Array {
  let rows = 0;
  while (rows < log.length && log.values[rows * DECISION_WIDTH] <= until) rows += 1;
  return log.values.slice(0, rows * DECISION_WIDTH);
}
