import { defineStrategy, roc, topK } from 'ralph/strategy';

// The strongest coins of the last days go on leading; what falls behind is left. Long only, each place the same size.
export default defineStrategy({
  family: 'universe-rank-momentum',
  hypothesis:
    'The symbol that rose most in seven days leads in the next; refuted if train Sharpe < 0.5 over at least 40 trades',
  timeframe: '1d',
  universe: true,
  params: { days: 7, hold: 1 },
  warmup: (p) => p.days + 1,
  indicators: ({ close }, p) => ({ speed: roc(close, p.days) }),
  decide(now, p) {
    const rising = now.symbols.map((s) => (s.live && s.speed > 0 ? s.speed : Number.NaN));
    const weights = topK(rising, p.hold);
    for (const [i, symbol] of now.symbols.entries()) symbol.target(weights[i]);
  },
});
