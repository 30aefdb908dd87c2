import { atr, defineStrategy, ema } from 'ralph/strategy';

// A template: put your own entry in, and let one stop and one target decide. The target is a multiple of what is risked.
export default defineStrategy({
  family: 'template-risk-reward',
  hypothesis:
    'Hourly EMA 10/50 crosses reach three times their risk often enough; refuted if expectancyBps < 0 over at least 100 trades',
  timeframe: '1h',
  params: { fast: 10, slow: 50, riskAtr: 2, reward: 3 },
  warmup: (p) => 3 * p.slow,
  indicators: ({ close, high, low }, p) => ({
    fast: ema(close, p.fast),
    slow: ema(close, p.slow),
    atr: atr(high, low, close, 14),
  }),
  decide(now, p) {
    const enter = now.fast > now.slow && now.ago('fast', 1) <= now.ago('slow', 1);
    if (now.position !== 0 || !enter) return;
    const risk = p.riskAtr * now.atr;
    now.target(1, { stop: now.close - risk, target: now.close + p.reward * risk });
  },
});
