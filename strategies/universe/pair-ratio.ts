import { defineStrategy, map } from 'ralph/strategy';

// The ratio of two symbols that move together returns to its mean. The first two of the universe are the pair.
export default defineStrategy({
  family: 'universe-pair-ratio',
  hypothesis:
    'The ratio of two coins beyond two deviations returns to its mean within days; refuted if train Sharpe < 0.5 over at least 40 trades',
  timeframe: '1h',
  universe: true,
  params: { bars: 72, enter: 2, leave: 0.5 },
  warmup: (p) => p.bars,
  indicators: ({ close }) => ({ level: map((price) => Math.log(price))(close) }),
  decide(now, p) {
    const [first, second] = now.symbols;
    if (!first.live || !second.live) return;
    const ratios = Array.from({ length: p.bars }, (_, k) => first.ago('level', k) - second.ago('level', k));
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / p.bars;
    const deviation = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / p.bars);
    const z = (ratios[0] - mean) / deviation;
    const held = first.position;
    if (z > p.enter) {
      first.target(-0.5);
      second.target(0.5);
    } else if (z < -p.enter) {
      first.target(0.5);
      second.target(-0.5);
    } else if (held !== 0 && Math.abs(z) < p.leave) {
      first.flat();
      second.flat();
    }
  },
});
