import type { Scenario } from '../../../src/backtest/contract.ts';
import type { EngineMarket, Sizing, SymbolCosts } from '../../../src/backtest/market.ts';
import { type Bars, MINUTE, type Timeframe } from '../../../src/market/bars.ts';
import { defineStrategy, type StrategyDefinition } from '../../../src/strategy/definition.ts';
import { sma } from '../../../src/strategy/indicators/index.ts';
import type { Now, OrderOptions } from '../../../src/strategy/now.ts';
import type { Series } from '../../../src/strategy/series.ts';
import fc from '../../fast-check.ts';

/** One call that a decision may make; distances from the close in price. */
interface Call {
  readonly what: 'target' | 'order' | 'protect' | 'flat' | 'cancel' | 'wait';
  readonly weight: number;
  readonly limit: number | undefined;
  readonly trigger: number | undefined;
  readonly stop: number | null | undefined;
  readonly target: number | null | undefined;
  readonly trail: number | null | undefined;
  readonly bars: number | undefined;
  readonly reduceOnly: boolean;
  readonly oco: boolean;
}

/** A whole case: bars, a plan of calls by the clock, and a world to play it in. */
export interface Scene {
  readonly bars: Bars;
  readonly calls: readonly (readonly Call[])[];
  readonly timeframe: Timeframe;
  readonly warmup: number;
  readonly market: EngineMarket;
  readonly scenario: Scenario;
  /** Part of the bars to trade, as shares of their time. */
  readonly part: readonly [number, number];
}

/** Given in so many cases of ten. */
const maybe = <T>(value: fc.Arbitrary<T>, often: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: often, arbitrary: value }, { weight: 10 - often, arbitrary: fc.constant(undefined) });
// Halves, so that a tick of 1 has something to round.
const distance = fc.integer({ min: -8, max: 8 }).map((half) => half / 2);
const level = fc.oneof({ weight: 6, arbitrary: distance }, { weight: 1, arbitrary: fc.constant(null) });

const call: fc.Arbitrary<Call> = fc.record({
  what: fc.constantFrom('target', 'target', 'target', 'order', 'order', 'protect', 'flat', 'cancel', 'wait'),
  weight: fc.constantFrom(-1, -0.5, 0, 0.25, 0.5, 1, 1),
  limit: maybe(distance, 4),
  trigger: maybe(distance, 3),
  stop: maybe(level, 5),
  target: maybe(level, 5),
  trail: maybe(
    fc.oneof(
      fc.integer({ min: 1, max: 6 }).map((half) => half / 2),
      fc.constant(null),
    ),
    3,
  ),
  bars: maybe(fc.integer({ min: 1, max: 4 }), 4),
  reduceOnly: fc.boolean(),
  oco: fc.boolean(),
});

/** Steps on a coarse grid, so that opens, stops and limits often meet exactly; some minutes are missing, some trade nothing. */
const candles: fc.Arbitrary<Bars> = fc
  .record({
    start: fc.integer({ min: 0, max: 600 }),
    steps: fc.array(
      fc.tuple(
        fc.integer({ min: -3, max: 3 }),
        fc.nat(4),
        fc.nat(4),
        fc.integer({ min: -3, max: 3 }),
        fc.nat(12),
        fc.nat(20),
      ),
      { minLength: 10, maxLength: 110 },
    ),
  })
  .map(({ start, steps }) => {
    let last = 50;
    let at = Date.UTC(2020, 0, 1) + start * MINUTE;
    const rows = steps.map(([gap, up, down, move, volume, skip]) => {
      at += (skip === 0 ? 7 : skip === 1 ? 500 : skip === 2 ? 1700 : 1) * MINUTE;
      const open = Math.min(90, Math.max(10, last + (skip === 3 ? 5 : 1) * gap));
      const close = Math.min(90, Math.max(10, open + move));
      last = close;
      return [at, open, Math.max(open, close) + up, Math.max(1, Math.min(open, close) - down), close, volume];
    });
    const column = (k: number) => Float64Array.from(rows, (row) => row[k]);
    return {
      length: rows.length,
      time: column(0),
      open: column(1),
      high: column(2),
      low: column(3),
      close: column(4),
      volume: column(5),
    };
  });

const costs: fc.Arbitrary<SymbolCosts> = fc.record({
  kind: fc.constantFrom('spot', 'perpetual', 'perpetual'),
  makerBps: fc.constantFrom(0, 5),
  takerBps: fc.constantFrom(0, 10),
  slippageBps: fc.constantFrom(0, 0, 20),
  rangeShare: fc.constantFrom(0, 0, 0.05),
  participation: fc.constantFrom(0, 0, 0, 0.1),
  impactBps: fc.constantFrom(0, 0, 50),
  tick: fc.constantFrom(0, 0, 1, 0.25),
  lot: fc.constantFrom(0, 0, 0.1),
  minQuantity: fc.constantFrom(0, 0, 0, 0.3),
  minNotional: fc.constantFrom(0, 0, 20),
  fundingBps: fc.constantFrom(0, 30),
  fundingHours: fc.constantFrom(1, 8),
});

const sizing: fc.Arbitrary<Sizing> = fc.constantFrom<Sizing>(
  { mode: 'units', units: 1 },
  { mode: 'units', units: 5 },
  { mode: 'fraction', fraction: 1 },
  { mode: 'fraction', fraction: 0.5 },
  { mode: 'volatility', target: 0.5, lookbackDays: 2, maxLeverage: 2 },
);

export const scenes: fc.Arbitrary<Scene> = fc.record({
  bars: candles,
  calls: fc.array(fc.array(call, { maxLength: 3 }), { minLength: 12, maxLength: 12 }),
  timeframe: fc.constantFrom('1m', '1m', '1m', '5m', '15m'),
  warmup: fc.integer({ min: 0, max: 4 }),
  market: fc
    .record({ costs, cash: fc.constantFrom(60, 100, 1000, 1e6), sizing })
    .map(({ costs: own, ...world }) => ({ ...world, symbols: { X: own } })),
  scenario: fc.record({
    name: fc.constant('scene'),
    costMultiplier: fc.constantFrom(1, 1, 2),
    delayBars: fc.constantFrom(0, 0, 0, 1, 2),
    missEvery: fc.constantFrom(0, 0, 0, 2, 3),
  }),
  part: fc.constantFrom<readonly [number, number]>([0, 1], [0, 1], [0, 1], [0.3, 1], [0.2, 0.7], [0.5, 0.55]),
});

export type Watched = Now<{ slow: Series }>;

/** A strategy that makes the calls of its plan in turn, symbol by symbol, and tells `watch` what it saw before each decision. */
export function follow({ calls, timeframe, warmup }: Scene, watch: (now: Watched) => void): StrategyDefinition {
  const turns = new Map<string, number>();
  return defineStrategy({
    family: 'plan',
    hypothesis: 'none',
    timeframe,
    params: {},
    warmup,
    indicators: ({ tf }) => ({ slow: tf('15m', (bars) => sma(bars.close, 2)) }),
    decide(now) {
      watch(now);
      const turn = turns.get(now.symbol) ?? 0;
      turns.set(now.symbol, turn + 1);
      for (const one of calls[turn % calls.length]) carryOut(now, one);
    },
  });
}

function carryOut(now: Now, one: Call): void {
  const at = <T>(away: number | T) => (typeof away === 'number' ? now.close + away : away);
  const levels = { stop: at(one.stop), target: at(one.target), trail: one.trail };
  const options = {
    ...given({ ...levels, limit: at(one.limit), trigger: at(one.trigger), bars: one.bars }),
    reduceOnly: one.reduceOnly && one.what === 'order',
    oco: one.oco && one.what === 'order',
  } as OrderOptions;
  if (one.what === 'target') now.target(one.weight, options);
  if (one.what === 'order') now.order(one.weight, options);
  if (one.what === 'protect') now.protect(given(levels));
  if (one.what === 'flat') now.flat();
  if (one.what === 'cancel') now.cancel();
}

function given(options: OrderOptions): OrderOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
