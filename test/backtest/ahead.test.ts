import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scenario } from '../../src/backtest/contract.ts';
import { type SimulationData, simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket } from '../../src/backtest/market.ts';
import { DecisionLog } from '../../src/backtest/orders/decisions.ts';
import { DAY, MINUTE } from '../../src/market/bars.ts';
import { defineStrategy, type StrategyDefinition } from '../../src/strategy/definition.ts';
import type { Now } from '../../src/strategy/now.ts';
import fc from '../fast-check.ts';
import { follow, plans } from './arbitrary.ts';
import { barsOf, NEUTRAL, unitMarket } from './support.ts';

const START = Date.UTC(2020, 0, 1);
const symbols = ['A', 'B', 'C'];

/** Walks of whole prices, far enough to reach stops and ruin; `lost` gives the share of minutes without a bar. */
const markets: fc.Arbitrary<SimulationData[]> = fc
  .record({ seed: fc.nat(), lost: fc.constantFrom(0, 0, 0.02), ends: fc.constantFrom(400, 400, 90) })
  .map(({ seed, lost, ends }) =>
    symbols.map((symbol, s) => ({ symbol, ...walked(seed + s, lost, s === 1 ? ends : 400) })),
  );

function walked(seed: number, lost: number, length: number): Pick<SimulationData, 'bars' | 'range'> {
  let state = seed % 2147483647;
  const random = () => {
    state = (state * 48271 + 11) % 2147483647;
    return state / 2147483647;
  };
  let last = 100;
  const rows = Array.from({ length }, () => {
    const open = last;
    last = Math.min(170, Math.max(20, open + Math.round(8 * (random() - 0.5))));
    const row = [
      open,
      Math.max(open, last) + Math.round(2 * random()),
      Math.min(open, last) - Math.round(2 * random()),
      last,
    ];
    return random() < lost ? null : row;
  });
  return { bars: barsOf(rows, START), range: { from: START, to: START + 400 * MINUTE } };
}

const terms = fc.record({
  kind: fc.constantFrom('spot', 'perpetual'),
  sizing: fc.constantFrom({ mode: 'units', units: 4 }, { mode: 'fraction', fraction: 1 }),
  takerBps: fc.constantFrom(0, 30),
  fundingBps: fc.constantFrom(0, 100),
  fundingHours: fc.constant(1),
  cash: fc.constantFrom(300, 1000),
  every: fc.constantFrom(1, 7, 40),
  delayBars: fc.constantFrom(0, 1),
});

/** The whole result with every order, once with decisions in their time and once ahead of it. */
function both(strategy: StrategyDefinition, data: SimulationData[], market: EngineMarket, scenario: Scenario) {
  return [false, true].map((stateless) => {
    const decisions = new DecisionLog();
    const result = simulate({ ...strategy, stateless }, data, { ...NEUTRAL, scenario }, market, { decisions });
    return { result, orders: decisions.values.slice(0, decisions.length * 11) };
  });
}

describe('decisions ahead of their time', () => {
  it('end in the same result, order by order', () => {
    fc.assert(
      fc.property(markets, plans, terms, (data, plan, { sizing, cash, every, delayBars, ...costs }) => {
        const market = { ...unitMarket(costs as object, cash, symbols), sizing } as EngineMarket;
        const [late, early] = both(follow(plan, '1m', every), data, market, { ...NEUTRAL.scenario, delayBars });
        assert.deepEqual(early, late);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  const quiet = Array(60).fill([100, 101, 99, 100]);
  const window = symbols.map((symbol) => ({
    symbol,
    bars: barsOf(quiet, START),
    range: { from: START, to: START + DAY },
  }));
  const market = unitMarket({}, 1000, symbols);
  const asks = (decide: (now: Now) => void) =>
    defineStrategy({ family: 'ahead', hypothesis: 'none', timeframe: '1m', params: {}, warmup: 1, decide });

  it('are made symbol by symbol for what keeps nothing, and in their time for all else', () => {
    const order = (stateless: boolean) => {
      const seen: string[] = [];
      const strategy = asks((now) => void seen.push(now.symbol));
      simulate({ ...strategy, stateless }, window, NEUTRAL, market);
      return seen.slice(0, 4).join('');
    };
    assert.equal(order(true), 'AAAA');
    assert.equal(order(false), 'ABCA');
  });

  it('see the account of their time', () => {
    const strategy = asks((now) => {
      if (now.symbol === 'A' && now.position === 0) now.target(1);
      if (now.symbol === 'B' && now.equity > 1009) now.target(1);
      if (now.symbol === 'C' && now.position === 0 && now.ago('close', 20) > 0) now.target(1);
      if (now.symbol === 'C' && now.weight > 0.29) now.flat();
    });
    const rising = Array.from({ length: 60 }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i]);
    const data = window.map((each) => ({ ...each, bars: barsOf(rising, START) }));
    const [late, early] = both(strategy, data, market, NEUTRAL.scenario);
    assert.deepEqual(early, late);
    assert.ok(late.result.fills!.some(({ symbol }) => symbol === 'B') && late.result.fillCount > 4);
  });

  it('fail where they would have failed', () => {
    const strategy = asks((now) => {
      if (now.symbol === 'A' && now.ago('close', 9) > 0) throw new TypeError('A at minute 9');
      if (now.symbol === 'C' && now.ago('close', 5) > 0) throw new TypeError('C at minute 5');
    });
    assert.throws(() => simulate({ ...strategy, stateless: true }, window, NEUTRAL, market), /C at minute 5/);
  });

  it('that wait for what they asked for come to an end', () => {
    const strategy = asks((now) => {
      while (now.working < 3) now.order(0.1, { limit: now.close * 0.9 });
    });
    const [late, early] = both(strategy, window, market, NEUTRAL.scenario);
    assert.deepEqual(early, late);
    assert.equal(late.result.standings?.[0].orders.length, 3);
  });
});
