import type { Random } from '../../base/random.ts';
import { type Axes, rangeAxis, valueAt } from '../../strategy/axes.ts';
import type { Proposal, Proposer, Space } from './search/search.ts';

/** Ranges as wide as somebody would write them who knows a mechanism and not its speed. Strategies of the library. */
const WIDE: Readonly<Record<string, Axes>> = {
  'momentum-atr': {
    lookback: rangeAxis(3, 480, { log: true }),
    threshold: rangeAxis(0, 0.03),
    trailAtr: rangeAxis(3, 16),
  },
  'ema-divergence': {
    fast: rangeAxis(2, 100, { log: true }),
    slow: rangeAxis(24, 600, { log: true }),
    enter: rangeAxis(0.25, 2),
  },
};

/**
 * Candidates whose mechanism is given and whose speed is not: `tuned` by the harness, or at a first guess, which is a point of the same ranges
 * drawn at random. One trial each, both on the same markets.
 */
export function wideProposer(spaces: readonly Space[], how: 'tuned' | 'guess'): Proposer {
  const known = spaces.filter(({ name }) => Object.hasOwn(WIDE, name));
  return (done, random): Proposal | null => {
    const space = known[done.length];
    if (!space) return null;
    const axes = WIDE[space.name];
    return how === 'tuned' ? { space, params: {}, axes } : { space, params: guess(axes, random) };
  };
}

function guess(axes: Axes, random: Random) {
  return Object.fromEntries(Object.entries(axes).map(([name, axis]) => [name, valueAt(axis, random())]));
}
