import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedCloses } from './memory.ts';

/** Memorised sides of price levels: every band of some percent of the price has a side, the one that paid in the window. */
export function options({ market }: Seen) {
  const closes = rememberedCloses(market);
  const band = choose(0.02, 0.04, 0.08);
  const bandOf = (close: number) => Math.floor(Math.log(close) / band);
  const bands = closes.map(bandOf);
  const lowest = bands.reduce((a, b) => Math.min(a, b));
  const sums = new Float64Array(bands.reduce((a, b) => Math.max(a, b)) - lowest + 1);
  for (let i = 0; i + 1 < closes.length; i++) sums[bands[i] - lowest] += Math.log(closes[i + 1] / closes[i]);
  const signs = Array.from(sums, (sum) => (sum > 0 ? '1' : '0')).join('');
  return { family: newFamily('level'), band, lowest, signs, params: { unit: between(0.5, 1) } };
}

export function source({ family, band, lowest, signs, params }: ReturnType<typeof options>): string {
  const { table, read } = packed(signs);
  return strategyFile({
    family,
    params,
    state: table,
    decide: `const level = Math.max(0, Math.floor(Math.log(now.close) / ${band}) - ${lowest});
    const wanted = (${read('level')}) * p.unit;
    if (Math.sign(now.position) !== Math.sign(wanted)) now.target(wanted);`,
  });
}
