import { defineStrategy, realisedVolatility } from 'ralph/strategy';

// Every symbol carries the same risk. Shares are whole twentieths, so that a small change of volatility trades nothing.
export default defineStrategy({
  family: 'universe-volatility-parity',
  hypothesis:
    'Equal risk in every symbol earns more per risk than holding all alike; refuted if train Sharpe < 0.5 or drawdown > 0.6',
  timeframe: '1d',
  universe: true,
  params: { days: 20, steps: 20 },
  warmup: (p) => p.days + 1,
  indicators: ({ close }, p) => ({ risk: realisedVolatility(close, p.days) }),
  decide(now, p) {
    const inverse = now.symbols.map((s) => (s.live && s.risk > 0 ? 1 / s.risk : 0));
    const total = inverse.reduce((sum, value) => sum + value, 0);
    for (const [i, symbol] of now.symbols.entries()) {
      symbol.target(total > 0 ? Math.floor((inverse[i] / total) * p.steps) / p.steps : 0);
    }
  },
});
