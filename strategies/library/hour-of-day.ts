import { defineStrategy } from 'ralph/strategy';

// The calendar alone: long for some hours of each UTC day. The easiest family to overfit, so it must clear the bar for all of its points.
export default defineStrategy({
  family: 'seasonal-hour-of-day',
  hypothesis:
    'Holding from 20:00 UTC for 6 hours earns more per hour than holding all day; refuted if expectancyBps < 5 over at least 200 trades',
  timeframe: '1h',
  seasonal: true,
  params: { start: 20, hours: 6 },
  warmup: 24,
  decide(now, p) {
    const inside = (now.hour - p.start + 24) % 24 < p.hours;
    if (inside && now.position === 0) now.target(1);
    if (!inside && now.position > 0) now.flat();
  },
});
