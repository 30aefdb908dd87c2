import { defineStrategy, ema } from 'ralph/strategy';

// The slow cross of the newspapers: in the market above, in cash below. Few trades, long waits, no stop.
export default defineStrategy({
  family: 'trend-ema-cross',
  hypothesis:
    'Being long only while the 4-hour EMA 50 is above the EMA 200 beats holding per unit of risk; refuted if train Sharpe < 0.8',
  timeframe: '4h',
  params: { fast: 50, slow: 200 },
  warmup: (p) => 2 * p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    if (now.fast > now.slow && now.position <= 0) now.target(1);
    if (now.fast < now.slow && now.position > 0) now.flat();
  },
});
