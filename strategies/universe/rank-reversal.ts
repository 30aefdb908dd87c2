import { defineStrategy, neutralise, rank, roc } from 'ralph/strategy';

// What ran ahead of the others within a day comes back to them: short the leaders, long the laggards, as much long as short.
export default defineStrategy({
  family: 'universe-rank-reversal',
  hypothesis:
    'What rose most against the others within a day gives part of it back; refuted if train Sharpe < 0.5 over at least 100 trades',
  timeframe: '4h',
  universe: true,
  params: { bars: 6 },
  warmup: (p) => p.bars + 1,
  indicators: ({ close }, p) => ({ speed: roc(close, p.bars) }),
  decide(now) {
    const weights = neutralise(rank(now.symbols.map((s) => (s.live ? -s.speed : Number.NaN))));
    for (const [i, symbol] of now.symbols.entries()) symbol.target(weights[i]);
  },
});
