import { bollinger, defineStrategy } from 'ralph/strategy';

// Buys closes below the lower band, sells above the upper one, and goes home at the mean.
export default defineStrategy({
  family: 'reversion-bollinger',
  hypothesis:
    '4-hour closes beyond two deviations revert to the mean; refuted if train Sharpe < 0.5 over at least 60 trades',
  timeframe: '4h',
  params: { period: 20, width: 2, stop: 0.08 },
  warmup: (p) => p.period,
  indicators: ({ close }, p) => {
    const { upper, middle, lower } = bollinger(close, p.period, p.width);
    return { upper, middle, lower };
  },
  decide(now, p) {
    if (now.position > 0 && now.close >= now.middle) now.flat();
    else if (now.position < 0 && now.close <= now.middle) now.flat();
    else if (now.position === 0 && now.close < now.lower) now.target(1, { stop: now.close * (1 - p.stop) });
    else if (now.position === 0 && now.close > now.upper) now.target(-1, { stop: now.close * (1 + p.stop) });
  },
});
