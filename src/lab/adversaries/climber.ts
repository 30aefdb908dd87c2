import { between, choose, newFamily, type Seen, type SeenTrial } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';
import { CHOICES, type Mix } from './parts.ts';

/** Trials at random before the climb begins. */
const START = 12;
/** How many of the best it climbs from. */
const BEST = 4;

/** Mixes the tricks of the other families and climbs what the train report shows: how far a trial came, then its score. */
export function options({ trials }: Seen): Mix {
  if (trials.length < START) return drawMix('blend');
  const best = trials.toSorted((a, b) => b.passed - a.passed || value(b) - value(a)).slice(0, BEST);
  const [parent, other] = [choose(...best).options as Mix, choose(...best).options as Mix];
  const mixed = {
    ...parent,
    params: { ...parent.params, ...(Math.random() < 0.3 && { gain: other.params.gain, hold: other.params.hold }) },
  };
  const part = choose('side', 'size', 'bet', 'quit', 'filler', 'none', 'none', 'none');
  const changed = part === 'none' ? {} : { [part]: part === 'filler' ? !parent.filler : choose(...CHOICES[part]) };
  return { ...mixed, ...changed, family: newFamily('blend'), params: moved(mixed.params) };
}

export const source = mixSource;

/** Half of the numbers a step up or down; those that count bars stay whole. */
function moved(params: Mix['params']): Mix['params'] {
  const step = (name: string, number: number) => {
    if (name === 'sign') return Math.random() < 0.1 ? -number : number;
    if (Math.random() < 0.5) return number;
    const to = number * between(0.75, 1.33);
    return Number.isInteger(number) && number > 1 ? Math.max(1, Math.round(to)) : Number(to.toPrecision(3));
  };
  return Object.fromEntries(
    Object.entries(params).map(([name, number]) => [name, step(name, number)]),
  ) as Mix['params'];
}

function value({ score }: SeenTrial): number {
  return score ?? Number.NEGATIVE_INFINITY;
}
