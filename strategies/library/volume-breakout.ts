import { atr, defineStrategy, highest, sma } from 'ralph/strategy';

// A breakout counts only when more was traded than usual: somebody large was on the other side.
export default defineStrategy({
  family: 'breakout-volume',
  hypothesis:
    'Hourly 48-bar breakouts on twice the usual volume run further than others; refuted if profit factor < 1.2 over at least 80 trades',
  timeframe: '1h',
  params: { period: 48, volumeFactor: 2, trailAtr: 4 },
  warmup: (p) => p.period + 1,
  indicators: ({ close, high, low, volume }, p) => ({
    ceiling: highest(high, p.period),
    usual: sma(volume, p.period),
    atr: atr(high, low, close, 14),
  }),
  decide(now, p) {
    const loud = now.volume > p.volumeFactor * now.ago('usual', 1);
    if (now.position === 0 && loud && now.close > now.ago('ceiling', 1)) {
      now.target(1, { trail: p.trailAtr * now.atr });
    }
  },
});
