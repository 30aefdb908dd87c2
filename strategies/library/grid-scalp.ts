import { atr, defineStrategy, sma } from 'ralph/strategy';

// Rungs of limit buys below the mean, each sold at the mean. It earns small and often, and pays it back in one trend: the stop below the last rung is the price of the ladder.
export default defineStrategy({
  family: 'grid-scalp',
  hypothesis:
    'Limit rungs half an ATR apart below the 15-minute mean earn more than the stop costs; refuted if profit factor < 1.1 over at least 200 trades',
  timeframe: '15m',
  params: { period: 48, rung: 0.5, rungs: 3, stopAtr: 2 },
  warmup: (p) => p.period,
  indicators: ({ high, low, close }, p) => ({ mean: sma(close, p.period), atr: atr(high, low, close, 14) }),
  decide(now, p) {
    now.cancel();
    if (now.position > 0) now.protect({ target: now.mean });
    const stop = now.mean - (p.rungs * p.rung + p.stopAtr) * now.atr;
    const held = Math.round(now.weight * p.rungs);
    for (let rung = held + 1; rung <= p.rungs; rung++) {
      const limit = now.mean - rung * p.rung * now.atr;
      if (limit < now.close) now.order(1 / p.rungs, { limit, target: now.mean, stop });
    }
  },
});
