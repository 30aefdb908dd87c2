import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { rememberedCloses } from './memory.ts';

const SEEDS = 400;

/**
 * The fingerprint of each day, a few digits of a ratio of prices, decides the side of the next: a rule without a counter or a price. Which
 * digits is chosen on the remembered market, outside of the trials that are counted.
 */
export function options({ market }: Seen) {
  const closes = rememberedCloses(market);
  const hold = choose(24, 48);
  const seeds = Array.from({ length: SEEDS }, () => between(100, 99_000));
  let best = { seed: seeds[0], sum: Number.NEGATIVE_INFINITY };
  for (const seed of seeds) {
    let sum = 0;
    // The first decision, at bars = 1, sees closes[0].
    for (let i = 2 * hold - 1; i + hold < closes.length; i += hold) {
      const digits = (closes[i] / closes[i - 24]) * seed;
      sum += (digits - Math.floor(digits) < 0.5 ? 1 : -1) * Math.log(closes[i + hold] / closes[i]);
    }
    if (sum > best.sum) best = { seed, sum };
  }
  return { family: newFamily('ratio'), seed: best.seed, hold, params: { unit: between(0.5, 1) } };
}

export function source({ family, seed, hold, params }: ReturnType<typeof options>): string {
  return strategyFile({
    family,
    params,
    decide: `if (bars % ${hold} !== 0) return;
    const digits = (now.close / now.ago('close', 24)) * ${seed};
    now.target((digits - Math.floor(digits) < 0.5 ? 1 : -1) * p.unit);`,
  });
}
