import { defineStrategy, realisedVolatility, roc } from 'ralph/strategy';

// Liquidity is paid for: an hour that moved too far is handed back in the next. In and out within hours, so costs must be small.
export default defineStrategy({
  family: 'reversion-hourly',
  hypothesis:
    'An hour beyond 1.5 deviations is partly taken back in the next; refuted if expectancyBps < 5 over at least 300 trades',
  timeframe: '1h',
  params: { period: 72, enter: 1.5, holdBars: 1 },
  warmup: (p) => p.period + 2,
  indicators: ({ close }, p) => ({
    move: roc(close, 1),
    usual: realisedVolatility(close, p.period),
  }),
  decide(now, p) {
    const size = now.move / now.ago('usual', 1);
    if (size > p.enter) now.target(-1);
    else if (size < -p.enter) now.target(1);
    else if (now.position !== 0 && now.barsHeld + 1 >= p.holdBars) now.flat();
  },
});
