import { atr, defineStrategy, ema } from 'ralph/strategy';

// Long from a cross up to the cross down. The stop is a seat belt, not the exit: it sits far away.
export default defineStrategy({
  family: 'trend-ema-cross',
  hypothesis:
    'Hourly EMA 10/20 crosses catch multi-day momentum; refuted if train Sharpe < 0.5 over at least 100 trades',
  timeframe: '1h',
  params: { fast: 10, slow: 20, stopAtr: 4 },
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
