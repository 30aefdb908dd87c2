import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rollHalfSpread } from '../../../src/backtest/account/variation.ts';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { type Bars, DAY } from '../../../src/market/bars.ts';
import fc from '../../fast-check.ts';
import { candles, follow, plans } from '../arbitrary.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from '../support.ts';

const costs = { kind: 'perpetual', takerBps: 7, makerBps: 3, slippageBps: 5 } as const;

/** The same from the fills, minute by minute. */
function slow(bars: Bars, { fills, cash, days }: SimulationResult) {
  const own = Array.from(days, () => 0);
  const held = Array.from(days, () => 0);
  let [start, before, heldStart, heldBefore] = [cash, cash, bars.open[0], bars.open[0]];
  let day = days[0];
  for (let i = 0; i < bars.length; i++) {
    const midnight = Math.floor(bars.time[i] / DAY) * DAY;
    if (midnight !== day) [day, start, heldStart] = [midnight, before, heldBefore];
    const d = days.indexOf(day);
    const done = fills!.filter(({ time }) => time <= bars.time[i]);
    const money = done.reduce((sum, fill) => sum - fill.quantity * fill.price - fill.fee, cash);
    const equity = money + done.reduce((sum, fill) => sum + fill.quantity, 0) * bars.close[i];
    own[d] += ((equity - before) / start) ** 2;
    held[d] += ((bars.close[i] - heldBefore) / heldStart) ** 2;
    [before, heldBefore] = [equity, bars.close[i]];
  }
  return { own, held };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    assert.ok(gap <= 1e-15 + 1e-6 * expected[i], `day ${i}: ${actual[i]} for ${expected[i]}`);
  }
}

describe('variation', () => {
  it('is the sum of squared 1-minute changes that the fills give, for one symbol and beside an idle one', () => {
    fc.assert(
      fc.property(candles, plans, (bars, plan) => {
        const market = unitMarket(costs, 2_000);
        const alone = simulate(follow(plan), [windowOf(bars)], NEUTRAL, market);
        if (alone.ruined) return;
        const { own, held } = slow(bars, alone);
        near(alone.dayVariation, own);
        near(alone.benchmarkVariation, held);
        const [symbol] = Object.keys(market.symbols);
        const idle = { ...windowOf(bars), symbol: 'IDLE' };
        const strategy = follow(plan);
        const both = simulate(
          { ...strategy, decide: (now, p) => void (now.symbol === symbol && strategy.decide(now, p)) },
          [windowOf(bars), idle],
          NEUTRAL,
          { ...market, symbols: { ...market.symbols, IDLE: market.symbols[symbol] } },
        );
        near(both.dayVariation, own);
        near(both.benchmarkVariation, held);
      }),
      { numRuns: 200 },
    );
  });

  it('measures half the spread of a price that bounces between bid and ask, and none of one that goes on', () => {
    const random = seededRandom('bounce');
    const bounce = Array.from({ length: 5_000 }, () => 100 * (1 + (random() < 0.5 ? 1 : -1) * 0.0005));
    const half = rollHalfSpread(barsOf(bounce.map((price) => [price, price, price, price])));
    assert.ok(Math.abs(half - 0.0005) < 0.00005, `${half}`);
    let level = 100;
    const going = bounce.map((price) => (level *= price / 100));
    assert.ok(rollHalfSpread(barsOf(going.map((price) => [price, price, price, price]))) < 0.0002);
    assert.equal(rollHalfSpread(barsOf([[1, 1, 1, 1]])), 0);
  });

  it('counts a position that is sold in parts as one round trip, and sees the worst low on the way', () => {
    fc.assert(
      fc.property(candles, plans, (bars, plan) => {
        const result = simulate(follow(plan), [windowOf(bars)], NEUTRAL, unitMarket(costs));
        assert.ok(result.roundTrips >= result.trades.length - 1e-9);
        assert.ok(result.adverse >= 0);
      }),
      { numRuns: 200 },
    );
  });
});
