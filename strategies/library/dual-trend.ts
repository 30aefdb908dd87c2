import { atr, defineStrategy, ema, sma } from 'ralph/strategy';

// The small trend gives the moment, the big one the permission. Only CLOSED days count: a forming day knows the future.
export default defineStrategy({
  family: 'trend-dual-filter',
  hypothesis:
    'Hourly EMA crosses pay only in the direction of the daily trend; refuted if train Sharpe < 0.7 over at least 100 trades',
  timeframe: '1h',
  params: { fast: 8, slow: 24, days: 20, stopAtr: 3 },
  warmup: (p) => 24 * (p.days + 1),
  indicators: ({ close, high, low, tf }, p) => ({
    fast: ema(close, p.fast),
    slow: ema(close, p.slow),
    atr: atr(high, low, close, 24),
    big: tf('1d', (days) => sma(days.close, p.days)),
  }),
  decide(now, p) {
    const rising = now.tf('1d').close > now.big;
    const falling = now.tf('1d').close < now.big;
    if (rising && now.fast > now.slow && now.position <= 0) {
      now.target(1, { stop: now.close - p.stopAtr * now.atr });
    } else if (falling && now.fast < now.slow && now.position >= 0) {
      now.target(-1, { stop: now.close + p.stopAtr * now.atr });
    } else if ((now.position > 0 && now.fast < now.slow) || (now.position < 0 && now.fast > now.slow)) now.flat();
  },
});
