import { atr, defineStrategy, sma, stochastic } from 'ralph/strategy';

// In an uptrend the pullbacks are cheap; the stochastic says when one is over.
export default defineStrategy({
  family: 'reversion-stochastic',
  hypothesis:
    'Stochastic crosses up below 30 above the 50-bar mean pay; refuted if train Sharpe < 0.5 over at least 30 trades',
  timeframe: '4h',
  params: { period: 14, low: 30, high: 75, trend: 50 },
  warmup: (p) => Math.max(p.trend, p.period + 6),
  indicators: ({ high, low, close }, p) => {
    const { k, d } = stochastic(high, low, close, p.period);
    return { k, d, trend: sma(close, p.trend), atr: atr(high, low, close, 14) };
  },
  decide(now, p) {
    const turned = now.ago('k', 1) <= now.ago('d', 1) && now.k > now.d && now.k < p.low;
    if (now.position === 0 && turned && now.close > now.trend) now.target(1, { stop: now.close - 3 * now.atr });
    if (now.position > 0 && now.k > p.high) now.flat();
  },
});
