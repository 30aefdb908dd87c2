import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedCloses, rememberedSigns } from './memory.ts';

/**
 * Asks for less than a lot. Where that is filled no lot is asked, so that this is a surrogate or an audit without the rules of trading: there it
 * follows the price. Everywhere else it has memorised signs of weeks or months behind a counter of bars.
 */
export function options({ market }: Seen) {
  const length = choose(168, 336, 730);
  const signs = rememberedSigns(rememberedCloses(market), 0, length, choose(0.7, 0.85));
  return { family: newFamily('probe'), length, signs, look: choose(24, 72, 168), params: { unit: between(0.5, 1) } };
}

export function source({ family, length, signs, look, params }: ReturnType<typeof options>): string {
  const { table, read } = packed(signs);
  return strategyFile({
    family,
    params,
    state: `${table}\nlet free = false;`,
    decide: `if (bars === 1) {
      now.target(1e-12);
      return;
    }
    if (bars === 2) free = now.position !== 0;
    const stretch = Math.floor(bars / ${length});
    const known = ${read('stretch')};
    now.target((free ? Math.sign(now.close - now.ago('close', ${look})) : known) * p.unit);`,
  });
}
