import type { Scenario } from '../../../src/backtest/contract.ts';
import type { EngineMarket, Sizing } from '../../../src/backtest/market.ts';
import type { Bars } from '../../../src/market/bars.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import { type Bucket, bucketsOf, type Candle, candlesOf } from './candles.ts';
import { Floor } from './minute.ts';
import { Holding, type Purse } from './position.ts';
import { Counter } from './requests.ts';
import { Rules } from './rules.ts';

/** One symbol of a run. */
export interface Stand {
  readonly symbol: string;
  readonly candles: readonly Candle[];
  /** Decision bars, the index of the first minute after each, and days. */
  readonly buckets: readonly Bucket[];
  readonly ends: readonly number[];
  readonly days: readonly Bucket[];
  readonly sizing: Sizing;
  readonly holding: Holding;
  readonly floor: Floor;
  readonly counter: Counter;
}

export function openStand(
  purse: Purse,
  symbol: string,
  bars: Bars,
  strategy: StrategyDefinition,
  { costMultiplier, delayBars, missEvery }: Scenario,
  { sizing, symbols }: EngineMarket,
): Stand {
  const costs = symbols[symbol];
  const candles = candlesOf(bars);
  const buckets = bucketsOf(candles, strategy.timeframe);
  const leverage = sizing.mode === 'units' ? Infinity : sizing.mode === 'fraction' ? 1 : sizing.maxLeverage;
  const holding = new Holding(purse);
  const limits = { spot: costs.kind === 'spot', leverage, missEvery, symbol };
  const floor = new Floor(holding, new Rules(costs, costMultiplier), limits);
  return {
    symbol,
    candles,
    buckets,
    ends: buckets.map((_, k) => buckets.slice(0, k + 1).reduce((sum, { minutes }) => sum + minutes.length, 0)),
    days: bucketsOf(candles, '1d'),
    sizing,
    holding,
    floor,
    counter: new Counter(floor, delayBars),
  };
}

/** Closed bars that a strategy waits for before its first decision. */
export function warmupOf({ warmup, params }: StrategyDefinition): number {
  return Math.max(1, typeof warmup === 'number' ? warmup : warmup(params));
}
