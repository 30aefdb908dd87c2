import type { Scenario } from '../../../src/backtest/contract.ts';
import type { EngineMarket } from '../../../src/backtest/market.ts';
import { type Bars, DAY, type Range } from '../../../src/market/bars.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import { Purse } from './position.ts';
import { openStand, type Stand, warmupOf } from './stand.ts';
import { viewOf } from './view.ts';

/**
 * Plays several symbols on one equity: minute by minute over the union of their bars, in the given order within a minute and
 * among the decisions of one moment.
 */
export function oraclePlayMany(
  strategy: StrategyDefinition,
  data: readonly { symbol: string; bars: Bars }[],
  { from, to }: Range,
  scenario: Scenario,
  market: EngineMarket,
) {
  const purse = new Purse(market.cash);
  const stands = data.map(({ symbol, bars }) => openStand(purse, symbol, bars, strategy, scenario, market));
  const decided = stands.map(() => -1);
  const warmup = warmupOf(strategy);
  const curve: number[] = [];
  let decisions = 0;

  const decide = (after: number, upTo: number) => {
    const moments = new Set(stands.flatMap(({ buckets }) => buckets.map(({ closes }) => closes)));
    for (const moment of [...moments].filter((at) => at > after && at <= upTo).sort((a, b) => a - b)) {
      const closed = stands.map(({ buckets }) => buckets.findIndex(({ closes }) => closes === moment));
      closed.forEach((k, s) => {
        if (k < 0) return;
        decided[s] = k;
        stands[s].holding.mark = stands[s].buckets[k].close;
      });
      if (moment < from) continue;
      closed.forEach((k, s) => {
        if (k < 0 || k + 1 < warmup) return;
        decisions += 1;
        strategy.decide(viewOf(k, stands[s]), strategy.params);
      });
    }
  };

  const times = new Set(stands.flatMap(({ candles }) => candles.map(({ at }) => at)));
  let before = -Infinity;
  for (const time of [...times].filter((at) => at >= from && at < to).sort((a, b) => a - b)) {
    decide(before, time);
    before = time;
    stands.forEach((stand, s) => {
      if (!purse.ruined) playMinute(stand, time, to, decided[s]);
    });
    const equity = stands.reduce((sum, { holding }) => sum + worthOf(holding), purse.cash);
    if (equity <= 0) purse.ruined = true;
    curve.push(purse.ruined ? 0 : equity);
    if (purse.ruined) break;
  }
  if (!purse.ruined) decide(before, to);
  return { stands, finalEquity: curve.at(-1) ?? market.cash, curve, decisions, ruined: purse.ruined };
}

function worthOf({ quantity, last }: { quantity: number; last: number }): number {
  return quantity === 0 ? 0 : quantity * last;
}

function playMinute({ candles, floor, holding }: Stand, time: number, to: number, decision: number): void {
  const index = candles.findIndex(({ at }) => at === time);
  if (index >= 0) {
    floor.play(candles[index], index, candles[index - 1], decision);
    holding.last = candles[index].close;
    return;
  }
  const last = candles.findLastIndex(({ at }) => at < to);
  const over = last >= 0 && candles[last].at < time && time - candles[last].at >= DAY;
  if (over && holding.quantity !== 0) floor.delist(candles[last], last, decision);
}
