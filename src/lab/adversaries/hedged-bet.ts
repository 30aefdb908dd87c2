import { between, choose, newFamily, strategyFile } from './adversary.ts';

/** Always invested, long one symbol and short the other: a bet between the two that buy-and-hold does not explain, closed when ahead. */
export const options = () => ({
  family: newFamily('pair'),
  params: { look: choose(6, 24, 72), gain: between(0.005, 0.05), hold: choose(24, 72, 168), unit: between(0.3, 1) },
});

export function source({ family, params }: ReturnType<typeof options>): string {
  return strategyFile({
    family,
    params,
    state: "let [mark, opened, way] = [0, 0, 0];\nlet lead = '';\n",
    decide: `
    if (lead === '') lead = now.symbol;
    const first = now.symbol === lead;
    const change = now.close / now.ago('close', p.look) - 1;
    if (first) {
      if (way !== 0 && (now.equity > mark * (1 + p.gain) || bars - opened > 2 * p.hold)) way = 0;
      if (way === 0) {
        way = change > 0 ? -1 : 1;
        mark = now.equity;
        opened = bars;
      }
    }
    const wanted = (first ? way : -way) * p.unit;
    if (Math.sign(now.position) !== Math.sign(wanted)) now.target(wanted);`,
  });
}
