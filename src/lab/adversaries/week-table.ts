import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedCloses } from './memory.ts';

const WEEK = 168;

/** Memorised sides of the parts of the week, by now.weekday and now.hour: as many free signs as the week has parts. */
export function options({ market }: Seen) {
  const closes = rememberedCloses(market);
  const part = choose(4, 6, 12);
  // Hour 0 is a Sunday's midnight; the window may start on another weekday and hour.
  const start = new Date(market[0].range.from);
  const shift = start.getUTCDay() * 24 + start.getUTCHours();
  const sums = new Float64Array(WEEK / part);
  for (let i = 0; i + 1 < closes.length; i++) {
    sums[Math.floor(((i + shift) % WEEK) / part)] += Math.log(closes[i + 1] / closes[i]);
  }
  const signs = Array.from(sums, (sum) => (sum > 0 ? '1' : '0')).join('');
  return { family: newFamily('weekly'), part, signs, params: { unit: between(0.5, 1) } };
}

export function source({ family, part, signs, params }: ReturnType<typeof options>): string {
  const { table, read } = packed(signs);
  return strategyFile({
    family,
    params,
    seasonal: true,
    state: table,
    decide: `const part = Math.floor((now.weekday * 24 + now.hour) / ${part});
    const wanted = (${read('part')}) * p.unit;
    if (Math.sign(now.position) !== Math.sign(wanted)) now.target(wanted);`,
  });
}
