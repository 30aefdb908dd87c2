import { defineStrategy, jump } from 'ralph/strategy';

// News is digested slowly: after a jump the price drifts on in its direction for about a day.
export default defineStrategy({
  family: 'drift-post-jump',
  hypothesis:
    'After an hourly jump beyond 4 deviations the price goes on for 24 hours; refuted if expectancyBps < 30 over at least 40 trades',
  timeframe: '1h',
  params: { period: 120, size: 4, holdBars: 24 },
  warmup: (p) => p.period + 3,
  indicators: ({ close }, p) => ({ jump: jump(close, p.period) }),
  decide(now, p) {
    if (now.jump > p.size && now.position <= 0) now.target(1);
    else if (now.jump < -p.size && now.position >= 0) now.target(-1);
    else if (now.position !== 0 && now.barsHeld + 1 >= p.holdBars) now.flat();
  },
});
