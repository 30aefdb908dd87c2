import { atr, defineStrategy, macd } from 'ralph/strategy';

// The histogram turns first, the zero line says in which market: longs above it, shorts below.
export default defineStrategy({
  family: 'trend-macd',
  hypothesis:
    'A 4-hour MACD histogram that turns on the side of its zero line leads to a swing; refuted if train Sharpe < 0.5 over at least 80 trades',
  timeframe: '4h',
  params: { fast: 12, slow: 26, signal: 9, stopAtr: 3 },
  warmup: (p) => 3 * p.slow + p.signal,
  indicators: ({ close, high, low }, p) => {
    const { line, histogram } = macd(close, p.fast, p.slow, p.signal);
    return { line, histogram, atr: atr(high, low, close, 14) };
  },
  decide(now, p) {
    const up = now.histogram > 0 && now.ago('histogram', 1) <= 0;
    const down = now.histogram < 0 && now.ago('histogram', 1) >= 0;
    if (up && now.line > 0 && now.position <= 0) now.target(1, { stop: now.close - p.stopAtr * now.atr });
    else if (down && now.line < 0 && now.position >= 0) now.target(-1, { stop: now.close + p.stopAtr * now.atr });
    else if ((now.position > 0 && down) || (now.position < 0 && up)) now.flat();
  },
});
