import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import type { Sizing } from '../../../src/backtest/market.ts';
import { type Bars, DAY } from '../../../src/market/bars.ts';
import { defineStrategy } from '../../../src/strategy/definition.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from '../support.ts';

/** One bar at the start and one at the end of every day; closes alternate, so that the volatility is known. */
function days(closes: readonly number[]): Bars {
  const start = Date.UTC(2020, 0, 1);
  const bars = barsOf(
    closes.flatMap((close) => [
      [close, close, close, close],
      [close, close, close, close],
    ]),
  );
  for (let i = 0; i < bars.length; i++) bars.time[i] = start + Math.floor(i / 2) * DAY + (i % 2) * (DAY - 60_000);
  return bars;
}

function firstFill(bars: Bars, sizing: Sizing, kind: 'spot' | 'perpetual' = 'perpetual') {
  const strategy = defineStrategy({
    family: 'size',
    hypothesis: 'none',
    timeframe: '1d',
    params: {},
    warmup: 1,
    decide: (now) => now.target(1),
  });
  const result = simulate(strategy, [windowOf(bars)], NEUTRAL, { ...unitMarket({ kind }, 1000), sizing });
  return {
    quantity: result.fills![0]?.quantity,
    day: (result.fills![0]?.time - bars.time[0]) / DAY,
    refused: result.refused,
  };
}

describe('sizing by volatility', () => {
  const closes = [100, 110, 100, 110, 100, 110, 100, 110];

  it('waits for a whole lookback', () => {
    const { day, refused } = firstFill(days(closes), {
      mode: 'volatility',
      target: 0.5,
      lookbackDays: 4,
      maxLeverage: 3,
    });
    assert.deepEqual([day, refused], [5, 4]);
  });

  it('is the share times target over realised volatility', () => {
    const { quantity } = firstFill(days(closes), { mode: 'volatility', target: 0.5, lookbackDays: 4, maxLeverage: 3 });
    const returns = [0.1, 100 / 110 - 1, 0.1, 100 / 110 - 1];
    const mean = returns.reduce((sum, one) => sum + one, 0) / 4;
    const annual = Math.sqrt((returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 3) * 365);
    assert.ok(Math.abs(quantity - ((0.5 / annual) * 1000) / 100) < 1e-9, `${quantity}`);
  });

  it('never exceeds its leverage, and spot never its cash', () => {
    const calm = days([100, 100, 100, 100, 100, 100]);
    const sizing = { mode: 'volatility', target: 0.5, lookbackDays: 2, maxLeverage: 3 } as const;
    assert.equal(firstFill(calm, sizing).quantity, 30);
    assert.equal(firstFill(calm, sizing, 'spot').quantity, 10);
  });
});

it('a fraction above 1 is 1', () => {
  assert.equal(firstFill(days([100, 100, 100]), { mode: 'fraction', fraction: 5 }).quantity, 10);
});
