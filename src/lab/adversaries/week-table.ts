import { between, choose, newFamily, type Seen, strategyFile } from './adversary.ts';
import { packed, rememberedHours } from './memory.ts';

const WEEK = 168;

/** Memorised sides of the parts of the week, by now.weekday and now.hour: as many free signs as the week has parts. */
export function options({ market }: Seen) {
  const hours = rememberedHours(market);
  const part = choose(4, 6, 12);
  const sums = new Float64Array(WEEK / part);
  for (let i = 0; i + 1 < hours.length; i++) {
    // A bar closes at the end of its hour. Hour 0 of the week is a Sunday's midnight.
    const at = new Date(hours[i].time + 3_600_000);
    const hour = at.getUTCDay() * 24 + at.getUTCHours();
    sums[Math.floor(hour / part)] += Math.log(hours[i + 1].close / hours[i].close);
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
