import { bollinger, defineStrategy, keltner, map } from 'ralph/strategy';

// Quiet is stored movement: Bollinger bands inside the Keltner channel mark it, the first close outside them spends it.
export default defineStrategy({
  family: 'breakout-squeeze',
  hypothesis:
    'Hourly breakouts out of a volatility squeeze run for a day; refuted if train Sharpe < 0.5 over at least 60 trades',
  timeframe: '1h',
  params: { period: 20, keltnerWidth: 1.5, holdBars: 24 },
  warmup: (p) => 3 * p.period,
  indicators: ({ close, high, low }, p) => {
    const bands = bollinger(close, p.period, 2);
    const channel = keltner(high, low, close, p.period, p.keltnerWidth);
    return {
      upper: bands.upper,
      lower: bands.lower,
      squeezed: map((upper, ceiling) => (upper < ceiling ? 1 : 0))(bands.upper, channel.upper),
    };
  },
  decide(now, p) {
    const quiet = now.ago('squeezed', 1) === 1;
    if (now.position === 0 && quiet && now.close > now.upper) now.target(1, { stop: now.lower });
    else if (now.position === 0 && quiet && now.close < now.lower) now.target(-1, { stop: now.upper });
    else if (now.position !== 0 && now.barsHeld >= p.holdBars) now.flat();
  },
});
