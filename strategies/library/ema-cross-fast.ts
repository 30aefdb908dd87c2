import { atr, defineStrategy, ema } from 'ralph/strategy';

// The same idea at the pace of day traders: many trades, so costs decide.
export default defineStrategy({
  family: 'trend-ema-cross',
  hypothesis:
    'A 15-minute EMA 5/15 cross pays for its own costs; refuted if expectancyBps < 5 over at least 300 trades',
  timeframe: '15m',
  params: { fast: 5, slow: 15, stopAtr: 3 },
  warmup: (p) => 3 * p.slow,
  indicators: ({ close, high, low }, p) => ({
    fast: ema(close, p.fast),
    slow: ema(close, p.slow),
    atr: atr(high, low, close, 14),
  }),
  decide(now, p) {
    const crossed = now.fast > now.slow && now.ago('fast', 1) <= now.ago('slow', 1);
    if (now.position === 0 && crossed) now.target(1, { stop: now.close - p.stopAtr * now.atr });
    if (now.position > 0 && now.fast < now.slow) now.flat();
  },
});
