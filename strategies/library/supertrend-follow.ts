import { defineStrategy, supertrend } from 'ralph/strategy';

// The line is entry and exit in one: always on its side, and flat only before the first turn.
export default defineStrategy({
  family: 'trend-supertrend',
  hypothesis: 'Following the 4-hour supertrend both ways beats cash after costs; refuted if train Sharpe < 0.5',
  timeframe: '4h',
  params: { period: 10, width: 3 },
  warmup: (p) => 3 * p.period,
  indicators: ({ high, low, close }, p) => ({ side: supertrend(high, low, close, p.period, p.width).direction }),
  decide(now) {
    if (now.side === 1 && now.position <= 0) now.target(1);
    if (now.side === -1 && now.position >= 0) now.target(-1);
  },
});
