import { adx, atr, defineStrategy, donchian } from 'ralph/strategy';

// Where nothing trends, the edges of the range hold. Limits wait at them, and the trade ends in the middle.
export default defineStrategy({
  family: 'reversion-range-fade',
  hypothesis:
    'While the hourly ADX is below 20, the edges of the 48-hour range hold; refuted if profit factor < 1.1 over at least 80 trades',
  timeframe: '1h',
  params: { period: 48, quiet: 20, stopAtr: 2 },
  warmup: (p) => p.period + 28,
  indicators: ({ close, high, low }, p) => {
    const range = donchian(high, low, p.period);
    return {
      top: range.upper,
      middle: range.middle,
      bottom: range.lower,
      strength: adx(high, low, close, 14).adx,
      atr: atr(high, low, close, 14),
    };
  },
  decide(now, p) {
    if (now.position !== 0) return;
    const exits = { target: now.middle, bars: 1 };
    if (!(now.strength < p.quiet)) now.cancel();
    else if (now.close < now.middle)
      now.target(1, { limit: now.bottom, stop: now.bottom - p.stopAtr * now.atr, ...exits });
    else now.target(-1, { limit: now.top, stop: now.top + p.stopAtr * now.atr, ...exits });
  },
});
