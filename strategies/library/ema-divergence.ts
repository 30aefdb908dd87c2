import { atr, defineStrategy, ema, map } from 'ralph/strategy';

// Trades the GAP between two averages in units of range, both ways: in when it is wide and widening, out when it closes.
export default defineStrategy({
  family: 'trend-ema-divergence',
  hypothesis:
    'A gap between EMA 12 and 48 that is wider than one ATR and widening continues; refuted if train Sharpe < 0.5 with longs and shorts together',
  timeframe: '1h',
  params: { fast: 12, slow: 48, enter: 1, leave: 0.2 },
  warmup: (p) => 3 * p.slow,
  indicators: ({ close, high, low }, p) => ({
    gap: map((fast, slow, range) => (fast - slow) / range)(
      ema(close, p.fast),
      ema(close, p.slow),
      atr(high, low, close, 24),
    ),
  }),
  decide(now, p) {
    const before = now.ago('gap', 3);
    if (now.gap > p.enter && now.gap > before && now.position <= 0) now.target(1);
    else if (now.gap < -p.enter && now.gap < before && now.position >= 0) now.target(-1);
    else if (now.position > 0 && now.gap < p.leave) now.flat();
    else if (now.position < 0 && now.gap > -p.leave) now.flat();
  },
});
