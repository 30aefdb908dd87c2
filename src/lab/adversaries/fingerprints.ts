import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { type Hour, rememberedHours } from './memory.ts';

/** Rules that are tried on the remembered market: the best of them has a Sharpe ratio of about 1.7 over four years. */
const SEEDS = 4_000;

/** What a digit rule reads: in the strategy file, and of the remembered hours before hour `i`. */
interface Source {
  readonly kind: string;
  readonly expression: string;
  readonly read: (hours: readonly Hour[], i: number) => number;
  /** Least and largest number that the value is multiplied by. */
  readonly seeds: readonly [number, number];
}

const ratio = {
  expression: "now.close / now.ago('close', 24)",
  read: (hours: readonly Hour[], i: number) => hours[i].close / hours[i - 24].close,
};

/** Digits that a change of a basis point changes. */
const PRICE: Source = { kind: 'ratio', ...ratio, seeds: [1_000, 99_000] };
/** Digits that a change of 1% changes. */
const VOLUME: Source = {
  kind: 'turnover',
  expression: "now.volume / now.ago('volume', 24)",
  read: (hours, i) => hours[i].volume / hours[i - 24].volume,
  seeds: [100, 9_900],
};
/** Bands of half a percent and more, as wide as the steps of an honest grid. */
const BANDS: Source = { kind: 'band', ...ratio, seeds: [20, 180] };

/**
 * A few digits of a ratio decide the side of the next day: a rule without a counter or a price. Which digits is chosen on the
 * remembered market, outside of the trials that are counted.
 */
function digitRule({ kind, expression, read, seeds: [least, most] }: Source) {
  return {
    options({ market }: Seen) {
      const hours = rememberedHours(market);
      const hold = choose(24, 48);
      const seeds = Array.from({ length: SEEDS }, () => between(least, most));
      let best = { seed: seeds[0], sum: Number.NEGATIVE_INFINITY };
      for (const seed of seeds) {
        let sum = 0;
        // The first decision, at bars = 1, sees the hour before the window.
        for (let i = 2 * hold - 2; i + hold < hours.length; i += hold) {
          const digits = read(hours, i) * seed;
          sum += (digits - Math.floor(digits) < 0.5 ? 1 : -1) * Math.log(hours[i + hold].close / hours[i].close);
        }
        if (sum > best.sum) best = { seed, sum };
      }
      return { family: newFamily(kind), seed: best.seed, hold, params: { unit: between(0.5, 1) } };
    },
    source: ({ family, seed, hold, params }: Drawn): string =>
      strategyFile({
        family,
        params,
        decide: `if (bars % ${hold} !== 0) return;
    const digits = (${expression}) * ${seed};
    now.target((digits - Math.floor(digits) < 0.5 ? 1 : -1) * p.unit);`,
      }),
  };
}

interface Drawn {
  readonly family: string;
  readonly seed: number;
  readonly hold: number;
  readonly params: { readonly unit: number };
}

export const priceDigits = digitRule(PRICE);
export const volumeDigits = digitRule(VOLUME);
export const priceBands = digitRule(BANDS);
