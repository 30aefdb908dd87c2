import { atr, defineStrategy, roc } from 'ralph/strategy';

// What rose over the last day goes on rising, both ways. The stop trails, so that a turn ends the trade and not a calendar.
export default defineStrategy({
  family: 'momentum-atr',
  hypothesis:
    'The sign of the last 24 hours carries over to the next day; refuted if train Sharpe < 0.5 over at least 100 trades',
  timeframe: '1h',
  params: { lookback: 24, threshold: 0.01, trailAtr: 6 },
  warmup: (p) => Math.max(p.lookback, 24) + 1,
  indicators: ({ close, high, low }, p) => ({
    change: roc(close, p.lookback),
    atr: atr(high, low, close, 24),
  }),
  decide(now, p) {
    if (now.change > p.threshold && now.position <= 0) now.target(1, { trail: p.trailAtr * now.atr });
    else if (now.change < -p.threshold && now.position >= 0) now.target(-1, { trail: p.trailAtr * now.atr });
  },
});
