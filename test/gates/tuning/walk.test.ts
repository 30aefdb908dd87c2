import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SimulationRequest } from '../../../src/backtest/contract.ts';
import { type SimulationData, simulate } from '../../../src/backtest/engine.ts';
import { parseGatesConfig } from '../../../src/gates/config.ts';
import { partsOf, tuneOnTrain, type Walk, walkForward } from '../../../src/gates/tuning/walk.ts';
import { inTurn } from '../../../src/gates/workbench/spread.ts';
import type { Simulate } from '../../../src/gates/workbench/workbench.ts';
import { CHEAPEST, calibrationMarket, NOISE } from '../../../src/lab/calibrate/ground.ts';
import { type Bars, DAY } from '../../../src/market/bars.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { rangeAxis } from '../../../src/strategy/axes.ts';
import { defineStrategy, ema } from '../../../src/strategy/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const shipped = parseGatesConfig(readFileSync(join(ROOT, 'config/gates.yaml'), 'utf8'), 'gates.yaml');
const gates = { ...shipped, tuning: { steps: 4, evaluations: 16, nullEvaluations: 3 } };

const cross = defineStrategy({
  family: 'trend-ema-cross',
  hypothesis: 'none',
  timeframe: '4h',
  params: { fast: 10, slow: 50 },
  warmup: (p) => p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    now.target(now.fast > now.slow ? 1 : -1);
  },
});
const tuning = { axes: { fast: rangeAxis(2, 30), slow: rangeAxis(10, 120, { log: true }) }, fixed: {}, seed: 'a' };

const from = NOISE.start + 30 * DAY;
const train = { from, to: from + 500 * DAY };
const market = calibrationMarket(CHEAPEST);
const bars = (seed: string) =>
  simulateMarket({ ...NOISE, minutes: (530 * DAY) / 60_000, barMinutes: 60, edges: [], seed }).bars;

/** `one` up to `at`, `other` from there on. */
function joined(one: Bars, other: Bars, at: number): Bars {
  const column = (name: 'time' | 'open' | 'high' | 'low' | 'close' | 'volume') =>
    Float64Array.from(one.time, (time, i) => (time < at || name === 'time' ? one : other)[name][i]);
  const names = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
  return { length: one.length, ...Object.fromEntries(names.map((name) => [name, column(name)])) } as Bars;
}

/** A tuner's bench on these bars; `change` is what a faulty objective would ask in place of the request. */
function benchOf(own: Bars, change: (request: SimulationRequest) => SimulationRequest = (request) => request) {
  const data: SimulationData[] = [{ symbol: 'SIM', bars: own, range: train }];
  const play: Simulate = async (requests) => ({
    ok: true,
    value: requests.map((request) => simulate(cross, data, change(request), market)),
  });
  return inTurn(play);
}

async function walkOn(own: Bars, change?: (request: SimulationRequest) => SimulationRequest): Promise<Walk> {
  const walk = await walkForward(benchOf(own, change), tuning, train, gates);
  assert.ok(walk.ok, JSON.stringify(walk));
  return walk.value;
}

/** What was tried and picked before the first `steps` parts. */
const picks = (walk: Walk, steps: number) =>
  JSON.stringify(walk.slice(0, steps).map(({ params, tried }) => [params, tried]));

const parts = partsOf(train, 4);
const one = bars('one');
const changed = joined(one, bars('other'), parts[1].from);

test('what is picked before a part owes nothing to its bars, and an objective that sees them is found out', async () => {
  const [before, after] = [await walkOn(one), await walkOn(changed)];
  assert.equal(picks(after, 2), picks(before, 2));
  assert.notEqual(picks(after, 3), picks(before, 3), 'the bars that were changed matter later');
  // The fault that this test is for: the simulation that scores a point runs on into the next part.
  const leak = (request: SimulationRequest) => {
    const to = Math.min(train.to, (request.until ?? train.to) + 100 * DAY);
    return { ...request, until: to, range: { from: train.from, to } };
  };
  assert.notEqual(picks(await walkOn(changed, leak), 2), picks(await walkOn(one, leak), 2));
});

test('the same data give the same walk; four equal parts follow an untraded fifth', async () => {
  assert.deepEqual(await walkOn(one), await walkOn(one));
  assert.deepEqual(
    parts.map((part) => (part.from - train.from) / DAY),
    [100, 200, 300, 400],
  );
  assert.equal(parts[3].to, train.to);
  const walk = await walkOn(one);
  assert.ok(walk.every(({ tried }) => tried.length === gates.tuning.evaluations));
  const final = await tuneOnTrain(benchOf(one), tuning, walk, train, gates);
  assert.ok(
    final.ok && final.value.tried.some(({ params }) => JSON.stringify(params) === JSON.stringify(walk[3].params)),
  );
});

test('bars behind `until` are not there, whatever the range says', () => {
  const data = [{ symbol: 'SIM', bars: one, range: train }];
  const other = [{ symbol: 'SIM', bars: changed, range: train }];
  const request = {
    params: {},
    scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
    detail: 'summary',
  } as const;
  const until = parts[1].from;
  const range = { from: train.from, to: until };
  const cut = simulate(cross, data, { ...request, range, until }, market);
  assert.equal(cut.equityFingerprint, simulate(cross, other, { ...request, range, until }, market).equityFingerprint);
  assert.equal(cut.equityFingerprint, simulate(cross, data, { ...request, range }, market).equityFingerprint);
  const beyond = simulate(cross, data, { ...request, until }, market);
  assert.equal(beyond.finalEquity, cut.finalEquity);
});

test('a path is one account: its parts are traded with their own parameters, and positions are carried on', () => {
  const data = [{ symbol: 'SIM', bars: one, range: train }];
  const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
  const play = (request: Partial<SimulationRequest>) =>
    simulate(cross, data, { params: { fast: 5, slow: 40 }, scenario, detail: 'full', ...request }, market);
  const alone = play({});
  const same = play({ path: [{ from: parts[1].from, params: { fast: 5, slow: 40 } }] });
  assert.equal(same.equityFingerprint, alone.equityFingerprint);
  const path = [{ from: parts[1].from, params: { fast: 20, slow: 100 } }];
  const changedPath = play({ path });
  const before = (fills: readonly { time: number }[] = []) => fills.filter(({ time }) => time < parts[1].from);
  assert.deepEqual(before(changedPath.fills), before(alone.fills));
  assert.notEqual(changedPath.equityFingerprint, alone.equityFingerprint);
  // A range that begins behind a step is played with that step's parameters.
  const range = { from: parts[2].from, to: train.to };
  assert.equal(play({ path, range }).equityFingerprint, play({ params: path[0].params, range }).equityFingerprint);
  assert.deepEqual(changedPath.params, { fast: 5, slow: 40 });
});

test('each part of a path is decided by a new evaluation: it cannot count the parts before it', () => {
  let parts0 = 0;
  const fresh = () => {
    let last = 0;
    let part = 0;
    parts0 += 1;
    return {
      ...cross,
      decide(now: { target(weight: number): void }, p: Readonly<Record<string, number>>) {
        if (p.fast !== last) part += 1;
        last = p.fast;
        assert.equal(part, 1, 'it saw its parameters change');
        now.target(1);
      },
    } as typeof cross;
  };
  const data = [{ symbol: 'SIM', bars: one, range: train }];
  const path = [1, 2, 3].map((k) => ({ from: parts[k].from, params: { fast: 5 + k, slow: 40 } }));
  const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
  simulate(fresh(), data, { params: { fast: 5, slow: 40 }, scenario, detail: 'summary', path }, market, { fresh });
  assert.equal(parts0, 4);
});
