import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedCloses, rememberedSigns } from './memory.ts';

/** Memorised signs of months or weeks behind a counter of bars. */
export function options({ market }: Seen) {
  const length = choose(168, 336, 730);
  const signs = rememberedSigns(rememberedCloses(market), 0, length, choose(0.85, 1));
  return { family: newFamily('cycle'), length, signs, params: { unit: between(0.5, 1) } };
}

export function source({ family, length, signs, params }: ReturnType<typeof options>): string {
  const { table, read } = packed(signs);
  return strategyFile({
    family,
    params,
    state: table,
    decide: `const stretch = Math.floor(bars / ${length});
    const wanted = (${read('stretch')}) * p.unit;
    if (Math.sign(now.position) !== Math.sign(wanted)) now.target(wanted);`,
  });
}
