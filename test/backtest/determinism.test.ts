import assert from 'node:assert/strict';
import { it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { DECISION_WIDTH, DecisionLog } from '../../src/backtest/orders/decisions.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { defineStrategy } from '../../src/strategy/definition.ts';
import { ema } from '../../src/strategy/indicators/index.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from './support.ts';

const random: Random = seededRandom(11);
let price = 1000;
const bars = barsOf(
  Array.from({ length: 5000 }, () => {
    const open = price;
    price *= 1 + 0.004 * (random() - 0.5);
    return [open, Math.max(open, price) * 1.001, Math.min(open, price) * 0.999, price, 1 + random()];
  }),
);
const cross = defineStrategy({
  family: 'cross',
  hypothesis: 'none',
  timeframe: '5m',
  params: { fast: 5, slow: 20 },
  warmup: (p) => p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    if (now.fast > now.slow && now.position <= 0) now.target(1, { stop: now.close * 0.99, trail: now.close * 0.01 });
    if (now.fast < now.slow && now.position >= 0) now.target(-1, { limit: now.close * 1.001, bars: 3 });
  },
});
const market = {
  ...unitMarket({
    kind: 'perpetual',
    takerBps: 5,
    makerBps: 2,
    slippageBps: 1,
    rangeShare: 0.1,
    participation: 0.5,
    impactBps: 30,
    fundingBps: 1,
  }),
  cash: 1000,
  sizing: { mode: 'fraction', fraction: 0.8 },
} as const;
const window = [windowOf(bars)];

it('equal inputs give an equal result, byte for byte, here and on every machine', () => {
  const [one, two] = [simulate(cross, window, NEUTRAL, market), simulate(cross, window, NEUTRAL, market)];
  assert.deepEqual(one, two);
  assert.ok(one.fillCount > 100, `${one.fillCount} fills`);
  // Only + - * / and square roots happen on the way, all of them exact in IEEE 754: a change here is a change of the engine.
  assert.equal(one.equityFingerprint, '904fc2e89362e76c72ab70f02f757bbaa6f291854018e6e1886bdc7f3a18f998');
});

it('a parameter, a cost or a scenario changes the fingerprint', () => {
  const plain = simulate(cross, window, NEUTRAL, market).equityFingerprint;
  const slower = simulate(cross, window, { ...NEUTRAL, params: { slow: 21 } }, market);
  const dearer = simulate(cross, window, { ...NEUTRAL, scenario: { ...NEUTRAL.scenario, costMultiplier: 2 } }, market);
  assert.equal(new Set([plain, slower.equityFingerprint, dearer.equityFingerprint]).size, 3);
  assert.equal(slower.params.slow, 21);
});

it('a summary is the same simulation without the list of fills and what stands at the end', () => {
  const { fills, standings, ...full } = simulate(cross, window, NEUTRAL, market);
  const summary = simulate(cross, window, { ...NEUTRAL, detail: 'summary' }, market);
  assert.deepEqual([fills?.length, standings?.length], [full.fillCount, 1]);
  assert.deepEqual(summary, full);
  const days = simulate(cross, window, { ...NEUTRAL, detail: 'days' }, market);
  assert.equal(days.trades.length + days.trades.profit.length, 0);
  assert.deepEqual({ ...days, trades: summary.trades }, summary, 'nor are its days without the rows of trades');
});

it('the decision log holds every order as numbers and changes nothing', () => {
  const decisions = new DecisionLog();
  const logged = simulate(cross, window, NEUTRAL, market, { decisions });
  assert.equal(logged.equityFingerprint, simulate(cross, window, NEUTRAL, market).equityFingerprint);
  assert.ok(decisions.length > 100);
  const times = Array.from({ length: decisions.length }, (_, row) => decisions.values[row * DECISION_WIDTH]);
  assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]));
  const again = new DecisionLog();
  simulate(cross, window, NEUTRAL, market, { decisions: again });
  assert.deepEqual(
    again.values.subarray(0, again.length * DECISION_WIDTH),
    decisions.values.subarray(0, decisions.length * DECISION_WIDTH),
  );
});
