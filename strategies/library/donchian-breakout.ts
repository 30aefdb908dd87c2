import { atr, defineStrategy, donchian } from 'ralph/strategy';

// The channel of the bars BEFORE this one is what must be broken: this bar's own high is always inside its channel.
export default defineStrategy({
  family: 'breakout-donchian',
  hypothesis:
    'A 4-hour close above the 20-bar high starts a trend; refuted if profit factor < 1.2 over at least 60 trades',
  timeframe: '4h',
  params: { entry: 20, exit: 10, stopAtr: 2.5 },
  warmup: (p) => Math.max(p.entry, p.exit, 14) + 1,
  indicators: ({ close, high, low }, p) => ({
    ceiling: donchian(high, low, p.entry).upper,
    floor: donchian(high, low, p.exit).lower,
    atr: atr(high, low, close, 14),
  }),
  decide(now, p) {
    if (now.position === 0 && now.close > now.ago('ceiling', 1)) {
      now.target(1, { stop: now.close - p.stopAtr * now.atr });
    } else if (now.position > 0 && now.close < now.ago('floor', 1)) now.flat();
  },
});
