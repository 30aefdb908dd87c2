import { defineStrategy, sma } from 'ralph/strategy';

// All symbols while most of them are above their mean, cash while most are below: the market as a whole decides.
export default defineStrategy({
  family: 'universe-market-regime',
  hypothesis:
    'Holding all while most symbols are above their 30-bar mean avoids the large falls; refuted if train Sharpe < 0.5 over at least 40 trades',
  timeframe: '4h',
  universe: true,
  params: { bars: 30, share: 0.6 },
  warmup: (p) => p.bars,
  indicators: ({ close }, p) => ({ mean: sma(close, p.bars) }),
  decide(now, p) {
    const live = now.symbols.filter((s) => s.live);
    const above = live.filter((s) => s.close > s.mean).length / live.length;
    for (const symbol of now.symbols) {
      if (above < 1 - p.share) symbol.target(0);
      else if (above > p.share && symbol.live) symbol.target(1 / now.symbols.length);
    }
  },
});
