import { defineStrategy, map, stdev, vwap } from 'ralph/strategy';

// The volume-weighted price is what everybody paid; far from it somebody is uncomfortable.
export default defineStrategy({
  family: 'reversion-vwap',
  hypothesis:
    '15-minute closes three deviations from the 4-hour VWAP return to it; refuted if expectancyBps < 10 over at least 150 trades',
  timeframe: '15m',
  params: { period: 16, far: 3, maxBars: 16 },
  warmup: (p) => 6 * p.period,
  indicators: ({ high, low, close, volume }, p) => {
    const fair = vwap(high, low, close, volume, p.period);
    const gap = map((price, mean) => price / mean - 1)(close, fair);
    return { gap, usual: stdev(gap, 5 * p.period) };
  },
  decide(now, p) {
    if (now.position === 0 && now.gap < -p.far * now.usual) now.target(1);
    else if (now.position === 0 && now.gap > p.far * now.usual) now.target(-1);
    else if (now.position > 0 && (now.gap >= 0 || now.barsHeld >= p.maxBars)) now.flat();
    else if (now.position < 0 && (now.gap <= 0 || now.barsHeld >= p.maxBars)) now.flat();
  },
});
