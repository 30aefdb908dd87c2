import { defineStrategy, rsi, sma } from 'ralph/strategy';

// Buys a dip that has begun to turn, and only above the long average: the confirmation is the RSI crossing back up.
export default defineStrategy({
  family: 'reversion-rsi',
  hypothesis:
    'An oversold hourly RSI that turns up above the 100-hour mean reverts within two days; refuted if expectancyBps < 30 over at least 40 trades',
  timeframe: '1h',
  params: { period: 14, low: 35, exit: 55, trend: 100, maxBars: 48 },
  warmup: (p) => Math.max(p.trend, 3 * p.period),
  indicators: ({ close }, p) => ({ rsi: rsi(close, p.period), trend: sma(close, p.trend) }),
  decide(now, p) {
    const turned = now.ago('rsi', 1) < p.low && now.rsi >= p.low;
    if (now.position === 0 && turned && now.close > now.trend) now.target(1, { stop: now.close * 0.95 });
    if (now.position > 0 && (now.rsi > p.exit || now.barsHeld >= p.maxBars)) now.flat();
  },
});
