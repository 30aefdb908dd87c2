import type { Scenario } from '../../../src/backtest/contract.ts';
import type { EngineMarket } from '../../../src/backtest/market.ts';
import { type Bars, DAY, type Range } from '../../../src/market/bars.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import type { Candle } from './candles.ts';
import { type Holding, Purse } from './position.ts';
import { openStand, warmupOf } from './stand.ts';
import { viewOf } from './view.ts';

/** What the oracle measured; the same names as in SimulationResult where the same thing is meant. */
export interface OracleResult {
  readonly holding: Holding;
  readonly finalEquity: number;
  /** Midnight, equity at the last minute by then, and the same of one unit of cash held from the first open. */
  readonly days: number[][];
  readonly maxDrawdown: number;
  readonly underwaterMs: number;
  readonly barsInPosition: number;
  readonly meanExposure: number;
  readonly decisions: number;
  readonly refused: number;
  readonly ruined: boolean;
}

/** Plays one symbol the slow and obvious way: every minute an object, every decision a new view, nothing skipped. */
export function oraclePlay(
  strategy: StrategyDefinition,
  bars: Bars,
  range: Range,
  scenario: Scenario,
  market: EngineMarket,
): OracleResult {
  const purse = new Purse(market.cash);
  const stand = openStand(purse, 'X', bars, strategy, scenario, market);
  const { candles, buckets, holding, floor, counter } = stand;
  const warmup = warmupOf(strategy);
  const state = { decisions: 0, exposure: 0, held: 0, decision: -1 };
  const curve: { at: number; equity: number }[] = [];
  let last: Candle | undefined;

  buckets.forEach((bucket, k) => {
    const played = bucket.minutes.filter(({ at }) => at >= range.from && at < range.to);
    for (const candle of bucket.minutes) {
      if (purse.ruined) return;
      if (played.includes(candle)) {
        floor.play(candle, candles.indexOf(candle), last, state.decision);
        curve.push({ at: candle.at, equity: purse.ruined ? 0 : holding.worth(candle.close) });
        if (!purse.ruined && holding.quantity !== 0) state.held += 1;
      }
      last = candle;
    }
    if (purse.ruined) return;
    if (played.length > 0 && holding.quantity !== 0) {
      const { close } = played.at(-1)!;
      state.exposure += (Math.abs(holding.quantity * close) / holding.worth(close)) * played.length;
    }
    if (bucket.closes < range.from || bucket.closes > range.to) return;
    state.decision = k;
    if (k + 1 < warmup) return;
    state.decisions += 1;
    holding.mark = bucket.close;
    strategy.decide(viewOf(k, stand), strategy.params);
  });

  const inRange = candles.filter(({ at }) => at >= range.from && at < range.to).length;
  const { depth, longest } = underwater(curve, market.cash, candles, range);
  const lastPlayed = candles.findLast(({ at }) => at >= range.from && at < range.to);
  return {
    holding,
    finalEquity: purse.ruined ? 0 : lastPlayed ? holding.worth(lastPlayed.close) : market.cash,
    days: daysOf(range, curve, market.cash, candles),
    maxDrawdown: purse.ruined ? 1 : depth,
    underwaterMs: longest,
    barsInPosition: state.held,
    meanExposure: inRange === 0 ? 0 : state.exposure / inRange,
    decisions: state.decisions,
    refused: counter.refused,
    ruined: purse.ruined,
  };
}

/** Midnight, equity and benchmark of every day. */
function daysOf(
  { from, to }: Range,
  curve: readonly { at: number; equity: number }[],
  cash: number,
  candles: readonly Candle[],
): number[][] {
  const first = candles.find(({ at }) => at >= from && at < to);
  const days: number[][] = [];
  for (let midnight = Math.floor(from / DAY) * DAY; midnight < to; midnight += DAY) {
    const by = Math.min(to, midnight + DAY);
    const equity = curve.findLast(({ at }) => at < by)?.equity ?? cash;
    const last = candles.findLast(({ at }) => at >= from && at < by);
    days.push([midnight, equity, first && last ? last.close / first.open : 1]);
  }
  return days;
}

/** Depth and longest time of the drawdowns of a curve that starts at `cash`. */
function underwater(
  curve: readonly { at: number; equity: number }[],
  cash: number,
  candles: readonly Candle[],
  range: Range,
): { depth: number; longest: number } {
  // What came before the range does not count, and neither does a gap before it.
  const before = range.from;
  let [peak, since, depth, longest] = [cash, before, 0, 0];
  let under = false;
  curve.forEach(({ at, equity }, i) => {
    if (equity < peak) {
      if (!under) since = i > 0 ? curve[i - 1].at : before;
      under = true;
      depth = Math.max(depth, (peak - equity) / peak);
    } else {
      if (under) longest = Math.max(longest, at - since);
      under = false;
      peak = equity;
    }
  });
  // A ruined account stays under water to the end of the range.
  const end = candles.findLast(({ at }) => at < range.to)?.at ?? before;
  if (under) longest = Math.max(longest, end - since);
  return { depth, longest };
}
