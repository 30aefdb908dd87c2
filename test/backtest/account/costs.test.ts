import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Costs } from '../../../src/backtest/account/costs.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import { defineStrategy } from '../../../src/strategy/definition.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from '../support.ts';

test('a sale whose slippage is larger than the price brings nothing, and costs nothing', () => {
  const market = unitMarket({ rangeShare: 1 });
  const costs = new Costs(market.symbols.X, 1);
  const bars = barsOf([[10, 40, 5, 10]]);
  assert.equal(costs.slipped(10, -1, bars, 0), 0);
  assert.equal(costs.slipped(10, 1, bars, 0), 45);
});

test('orders that have run out make room, even where no price came near them', () => {
  let minute = 0;
  const strategy = defineStrategy({
    family: 'expiry',
    hypothesis: 'none',
    timeframe: '1m',
    params: {},
    warmup: 1,
    decide(now) {
      // As many as a symbol may have, and again when they are long gone.
      if (minute++ % 10 === 0) for (let i = 0; i < 64; i++) now.order(0.01, { limit: 1, bars: 1 });
    },
  });
  const bars = barsOf(Array.from({ length: 40 }, () => [100, 100, 100, 100]));
  assert.equal(simulate(strategy, [windowOf(bars)], NEUTRAL, unitMarket()).refused, 0);
});
