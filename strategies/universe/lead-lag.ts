import { defineStrategy, roc } from 'ralph/strategy';

// A move of the market that a symbol has not made yet is made in the next bars.
export default defineStrategy({
  family: 'universe-lead-lag',
  hypothesis:
    'A symbol that lags the mean move of the others by 1% within an hour catches up; refuted if expectancyBps < 10 over at least 100 trades',
  timeframe: '15m',
  universe: true,
  params: { bars: 4, gap: 0.01, hold: 8 },
  warmup: (p) => p.bars + 1,
  indicators: ({ close }, p) => ({ move: roc(close, p.bars) }),
  decide(now, p) {
    const live = now.symbols.filter((s) => s.live);
    const sum = live.reduce((total, s) => total + s.move, 0);
    for (const symbol of live) {
      if (live.length < 2) continue;
      const behind = (sum - symbol.move) / (live.length - 1) - symbol.move;
      if (symbol.position !== 0 && symbol.barsHeld >= p.hold) symbol.flat();
      else if (symbol.position === 0 && Math.abs(behind) > p.gap) symbol.target(Math.sign(behind) / live.length);
    }
  },
});
