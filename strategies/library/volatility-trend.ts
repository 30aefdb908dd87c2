import { defineStrategy, jumpShare, map, realisedVolatility, roc } from 'ralph/strategy';

// A trend is a return that is large for its own volatility. Where jumps made most of the variance, the return is news, not trend.
export default defineStrategy({
  family: 'trend-volatility-adjusted',
  hypothesis:
    'A 48-hour return beyond one standard deviation continues unless jumps caused it; refuted if train Sharpe < 0.7',
  timeframe: '1h',
  params: { lookback: 48, enter: 1, leave: 0, jumps: 0.4 },
  warmup: (p) => 3 * p.lookback,
  indicators: ({ close }, p) => ({
    strength: map((change, volatility) => (volatility > 0 ? change / volatility / Math.sqrt(p.lookback) : 0))(
      roc(close, p.lookback),
      realisedVolatility(close, 2 * p.lookback),
    ),
    jumps: jumpShare(close, p.lookback),
  }),
  decide(now, p) {
    const calm = now.jumps < p.jumps;
    if (calm && now.strength > p.enter && now.position <= 0) now.target(1);
    else if (calm && now.strength < -p.enter && now.position >= 0) now.target(-1);
    else if (now.position > 0 && now.strength < p.leave) now.flat();
    else if (now.position < 0 && now.strength > -p.leave) now.flat();
  },
});
