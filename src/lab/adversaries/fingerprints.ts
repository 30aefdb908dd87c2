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
 * After some rising hours in a row, a few digits of a ratio decide the side until the next time: a rule without a counter or a price. Which
 * digits is chosen on the remembered market, outside of the trials that are counted.
 */
function digitRule({ kind, expression, read, seeds: [least, most] }: Source) {
  return {
    options({ market }: Seen) {
      const hours = rememberedHours(market);
      const rises = choose(4, 5);
      const times: number[] = [];
      for (let i = 24, row = 0; i < hours.length; i++) {
        row = hours[i].close > hours[i - 1].close ? row + 1 : 0;
        if (row >= rises) times.push(i);
      }
      const values = times.map((i) => read(hours, i));
      const moves = times.map((i, k) => Math.log(hours[times[k + 1] ?? i].close / hours[i].close));
      let best = { seed: 0, sum: Number.NEGATIVE_INFINITY };
      for (let k = 0; k < SEEDS; k++) {
        const seed = between(least, most);
        let sum = 0;
        for (let at = 0; at < values.length; at++) sum += (values[at] * seed) % 1 < 0.5 ? moves[at] : -moves[at];
        if (sum > best.sum) best = { seed, sum };
      }
      return { family: newFamily(kind), seed: best.seed, rises, params: { unit: between(0.5, 1) } };
    },
    source: ({ family, seed, rises, params }: Drawn): string =>
      strategyFile({
        family,
        params,
        state: 'let row = 0;',
        decide: `row = now.close > now.ago('close', 1) ? row + 1 : 0;
    if (row < ${rises}) return;
    now.target((((${expression}) * ${seed}) % 1 < 0.5 ? 1 : -1) * p.unit);`,
      }),
  };
}

interface Drawn {
  readonly family: string;
  readonly seed: number;
  readonly rises: number;
  readonly params: { readonly unit: number };
}

export const priceDigits = digitRule(PRICE);
export const volumeDigits = digitRule(VOLUME);
export const priceBands = digitRule(BANDS);
