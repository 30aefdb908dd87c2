import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket, SymbolCosts } from '../../src/backtest/market.ts';
import { type Bars, MINUTE } from '../../src/market/bars.ts';
import type { Now } from '../../src/strategy/now.ts';
import fc from '../fast-check.ts';
import { candles, follow, plans } from './arbitrary.ts';
import { NEUTRAL, timeOf, unitMarket, windowOf } from './support.ts';

const perpetual = { kind: 'perpetual' } as const;
const runs = { numRuns: 400 };

describe('invariants', () => {
  it('cash and position value are the equity at every bar', () => {
    fc.assert(
      fc.property(candles, plans, (bars, plan) => {
        const followed = follow(plan);
        const seen: { time: number; equity: number; close: number }[] = [];
        const strategy = {
          ...followed,
          decide(now: Now, p: Readonly<Record<string, number>>) {
            seen.push({ time: timeOf(now), equity: now.equity, close: now.close });
            followed.decide(now, p);
          },
        };
        const market = unitMarket({ ...perpetual, takerBps: 7, makerBps: 3, slippageBps: 5 });
        const result = simulate(strategy, [windowOf(bars)], NEUTRAL, market);
        for (const { time, equity, close } of seen) {
          const before = result.fills!.filter((fill) => fill.time < time);
          const cash = before.reduce((sum, fill) => sum - fill.quantity * fill.price - fill.fee, market.cash);
          const position = before.reduce((sum, fill) => sum + fill.quantity, 0);
          near(equity, cash + position * close);
        }
        const open = result.fills!.reduce((sum, fill) => sum + fill.quantity, 0) !== 0;
        if (!open) near(result.finalEquity - market.cash, sumOf(result.trades.profit));
      }),
      runs,
    );
  });

  it('funding of nothing, however often it falls due, changes nothing', () => {
    fc.assert(
      fc.property(candles, plans, fc.constantFrom('1m', '5m'), (bars, plan, timeframe) => {
        const nothing = { time: bars.time.map((time) => time + MINUTE / 2), rate: bars.time.map(() => 0) };
        const played = (costs: Partial<SymbolCosts>) => {
          const market = unitMarket({ ...perpetual, takerBps: 7, makerBps: 3, slippageBps: 5, ...costs });
          return simulate(follow(plan, timeframe), [windowOf(bars)], NEUTRAL, market);
        };
        assert.deepEqual(played({}), played({ fundingHistory: nothing }));
      }),
      runs,
    );
  });

  it('costs never help and doubled fees never raise the equity', () => {
    fc.assert(
      fc.property(candles, plans, fc.boolean(), (bars, plan, spot) => {
        const kind = spot ? ('spot' as const) : ('perpetual' as const);
        const equity = (costs: Partial<SymbolCosts>, costMultiplier = 1) =>
          simulate(
            follow(plan),
            [windowOf(bars)],
            { ...NEUTRAL, scenario: { ...NEUTRAL.scenario, costMultiplier } },
            unitMarket({ kind, ...costs }),
          ).finalEquity;
        const free = equity({});
        const fees = equity({ takerBps: 10, makerBps: 4 });
        assert.ok(fees <= free + 1e-6);
        assert.ok(equity({ slippageBps: 10, rangeShare: 0.1 }) <= free + 1e-6);
        assert.ok(equity({ takerBps: 10, makerBps: 4 }, 2) <= fees + 1e-6);
      }),
      runs,
    );
  });

  it('prices and cash times a factor give money times that factor', () => {
    fc.assert(
      fc.property(candles, plans, fc.constantFrom(0.25, 2, 64, 3, 10), (bars, plan, factor) => {
        const costs = { ...perpetual, takerBps: 10, makerBps: 4, slippageBps: 5 };
        const play = (some: Bars, cash: number, plan_: typeof plan) =>
          simulate(follow(plan_), [windowOf(some)], NEUTRAL, unitMarket(costs, cash));
        const one = play(bars, 10_000, plan);
        const distances = plan.map((act) => ({
          ...act,
          stop: act.stop * factor,
          target: act.target * factor,
          entry: act.entry * factor,
        }));
        const scaled = play(times(bars, factor), 10_000 * factor, distances);
        assert.equal(scaled.trades.length, one.trades.length);
        near(scaled.finalEquity, one.finalEquity * factor, factor);
        near(sumOf(scaled.trades.profit), sumOf(one.trades.profit) * factor, factor);
        near(scaled.maxDrawdown, one.maxDrawdown);
      }),
      runs,
    );
  });

  it('a window split at a flat bar has the same trades', () => {
    fc.assert(
      fc.property(candles, plans, fc.integer({ min: 3, max: 6 }), (bars, plan, at) => {
        const cut = bars.time[at];
        fc.pre(cut - bars.time[at - 3] === 3 * MINUTE);
        const flatThen = { ...plan[0], kind: 9 };
        const minute = Math.round(cut / MINUTE);
        // Flat by decree two minutes before the cut, and silent until it.
        const calm = plan.map((act, i) => {
          if (i === (minute - 2 + plan.length) % plan.length) return { ...act, kind: 6 };
          if (i === (minute - 1) % plan.length || i === minute % plan.length) return flatThen;
          return act;
        });
        const market = unitMarket({ ...perpetual, takerBps: 10 });
        const from = bars.time[0];
        const to = bars.time[bars.length - 1] + MINUTE;
        const play = (range: { from: number; to: number }) =>
          simulate(follow(calm), [windowOf(bars)], { ...NEUTRAL, range }, market);
        const whole = play({ from, to });
        const first = play({ from, to: cut });
        const held = first.fills!.reduce((sum, fill) => sum + fill.quantity, 0);
        fc.pre(held === 0 && whole.trades.entryTime.every((time, i) => time >= cut || whole.trades.exitTime[i] < cut));
        const second = play({ from: cut, to });
        assert.deepEqual(
          [...first.trades.profit, ...second.trades.profit].map(rounded),
          [...whole.trades.profit].map(rounded),
        );
        assert.deepEqual([...first.trades.exitTime, ...second.trades.exitTime], [...whole.trades.exitTime]);
      }),
      { numRuns: 300 },
    );
  });

  it('decision bars of five minutes trade exactly like single minutes that decide every fifth', () => {
    fc.assert(
      fc.property(candles, plans, (bars, plan) => {
        const whole = Array.from(bars.time).every((time, i) => i === 0 || time - bars.time[i - 1] === MINUTE);
        fc.pre(whole);
        const market = unitMarket({ ...perpetual, takerBps: 10, slippageBps: 3 });
        const unbounded = plan.map((act) => ({ ...act, bars: 100 }));
        const coarse = simulate(follow(unbounded, '5m', 5), [windowOf(bars)], NEUTRAL, market);
        const fine = simulate(follow(unbounded, '1m', 5), [windowOf(bars)], NEUTRAL, market);
        assert.deepEqual(coarse.fills, fine.fills);
        assert.equal(coarse.equityFingerprint, fine.equityFingerprint);
        near(coarse.maxDrawdown, fine.maxDrawdown);
        assert.equal(coarse.underwaterMs, fine.underwaterMs);
        assert.equal(coarse.barsInPosition, fine.barsInPosition);
      }),
      { numRuns: 300 },
    );
  });

  it('a second symbol that is never traded changes nothing', () => {
    fc.assert(
      fc.property(candles, candles, plans, (bars, other, plan) => {
        const costs = { ...perpetual, takerBps: 10, makerBps: 2, slippageBps: 3 };
        const market: EngineMarket = unitMarket(costs, 10_000, ['X', 'Y']);
        const alone = simulate(follow(plan), [windowOf(bars)], NEUTRAL, market);
        const only: typeof alone.params = {};
        const followed = follow(plan);
        const strategy = { ...followed, decide: (now: Now) => now.symbol === 'X' && followed.decide(now, only) };
        const { range } = windowOf(bars);
        const both = simulate(
          strategy as typeof followed,
          [windowOf(bars), { ...windowOf(other, 'Y'), range }],
          NEUTRAL,
          market,
        );
        assert.deepEqual(both.fills, alone.fills);
        assert.deepEqual(both.dayEquity, alone.dayEquity);
        assert.equal(both.equityFingerprint, alone.equityFingerprint);
        near(both.maxDrawdown, alone.maxDrawdown);
      }),
      { numRuns: 300 },
    );
  });
});

function times(bars: Bars, factor: number): Bars {
  const scaled = (column: Float64Array) => column.map((value) => value * factor);
  return {
    ...bars,
    open: scaled(bars.open),
    high: scaled(bars.high),
    low: scaled(bars.low),
    close: scaled(bars.close),
  };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function near(actual: number, expected: number, scale = 1): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, scale), `expected ${expected}, got ${actual}`);
}
