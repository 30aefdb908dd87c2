import { defineStrategy } from 'ralph/strategy';

// The baseline: what patience alone earns. Gates that ask for more than the market must refuse it.
export default defineStrategy({
  family: 'baseline-buy-and-hold',
  hypothesis: 'Holding pays for its risk without any timing; refuted if train Sharpe < 0.5 or drawdown > 0.5',
  timeframe: '1d',
  params: { weight: 1 },
  warmup: 1,
  decide(now, p) {
    if (now.position === 0) now.target(p.weight);
  },
});
