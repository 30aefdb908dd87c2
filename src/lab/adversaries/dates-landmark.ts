import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedCloses, rememberedSigns } from './memory.ts';

/** Memorised signs behind a counter that starts at a landmark, the first large move of an hour after some weeks: a later start does not move it. */
export function options({ market }: Seen) {
  const closes = rememberedCloses(market);
  const moves = closes.map((close, i) => (i === 0 ? 0 : Math.abs(close / closes[i - 1] - 1)));
  const early = moves.subarray(0, 24 * 32).reduce((most, move) => Math.max(most, move), 0);
  const at = moves.findIndex((move, i) => i >= 24 * 32 && move > early);
  const length = choose(168, 336, 730);
  const signs = rememberedSigns(closes, at, length, choose(0.85, 1));
  const mark = Number((((moves[at] ?? early) + early) / 2).toPrecision(4));
  return { family: newFamily('echo'), length, signs, mark, params: { unit: between(0.5, 1) } };
}

export function source({ family, length, signs, mark, params }: ReturnType<typeof options>): string {
  const { table, read } = packed(signs);
  return strategyFile({
    family,
    params,
    state: `let since = -1;\n${table}`,
    decide: `if (since < 0 && Math.abs(now.close / now.ago('close', 1) - 1) > ${mark}) since = bars;
    if (since < 0) return;
    const stretch = Math.floor((bars - since) / ${length});
    const wanted = (${read('stretch')}) * p.unit;
    if (Math.sign(now.position) !== Math.sign(wanted)) now.target(wanted);`,
  });
}
