/** EMA cross on every minute with a stop: the strategy that the plain loop plays too. */
export const CROSS = `import { defineStrategy, ema } from 'ralph/strategy';
export default defineStrategy({
  family: 'bench-cross', hypothesis: 'none', timeframe: '1m',
  params: { fast: 10, slow: 50, stop: 0.9 },
  warmup: (p) => p.slow + 1,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now, p) {
    if (now.fast > now.slow) {
      if (now.position === 0) now.target(1, { stop: now.close * p.stop });
    } else if (now.position > 0) now.flat();
  },
});`;

/** The same on closed hours, its stop resolved on minutes. */
export const HOURLY = CROSS.replace("'1m'", "'1h'").replace('bench-cross', 'bench-hourly').replace('0.9', '0.98');

/** Long what rose within a day and short what fell, on closed hours. */
export const ALONE = `import { defineStrategy, roc } from 'ralph/strategy';
export default defineStrategy({
  family: 'bench-alone', hypothesis: 'none', timeframe: '1h', params: { bars: 24 }, warmup: (p) => p.bars + 1,
  indicators: ({ close }, p) => ({ speed: roc(close, p.bars) }),
  decide(now) {
    now.target(now.speed > 0 ? 1 : -1);
  },
});`;

/** The same for each symbol of a universe. */
export const TOGETHER = ALONE.replace("timeframe: '1h'", "timeframe: '1h', universe: true").replace(
  'now.target(now.speed > 0 ? 1 : -1);',
  'for (const s of now.symbols) s.target((s.speed > 0 ? 1 : -1) / now.symbols.length);',
);

/** Never trades; computes one indicator on every minute. */
export const custom = (indicator: string) => `import { defineStrategy, rolling, scan } from 'ralph/strategy';
export default defineStrategy({
  family: 'bench-custom', hypothesis: 'none', timeframe: '1m', params: { salt: 0, share: 0.1 }, warmup: 1,
  indicators: ({ close }, p) => ({ value: ${indicator} }),
  decide() {},
});`;
