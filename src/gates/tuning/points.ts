import { gaussian, type Random } from '../../base/random.ts';
import { type Axes, type Axis, middlesOf, shareOf, sizeOf, valueAt } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19];
/** Least spread of the local search, as a share of an axis. */
const NARROWEST = 0.04;
/** Chance that a choice is drawn anew in the local search. */
const OTHER = 0.2;

/** Points that fill the space evenly: its middle, then Halton's sequence (1960) shifted at random. */
export function* fillingPoints(axes: Axes, random: Random): Generator<Params> {
  yield middlesOf(axes);
  const names = Object.keys(axes);
  const shifts = names.map(() => random());
  for (let index = 1; ; index++) {
    const place = (d: number) => (halton(index, PRIMES[d]) + shifts[d]) % 1;
    yield Object.fromEntries(names.map((name, d) => [name, valueAt(axes[name], place(d))]));
  }
}

/**
 * Points around the best ones: the cross-entropy method (Rubinstein 1999), axis by axis. It looks at ranks alone, so that ties and jumps of the
 * score do no harm, and its spread stays above one step of the axis (the margin of Hamano et al. 2022), so that steps do not freeze it.
 */
export function* localPoints(axes: Axes, elite: readonly Params[], random: Random): Generator<Params> {
  const spreads = Object.entries(axes).map(([name, axis]) => [name, axis, aroundOf(axis, elite, name)] as const);
  for (;;) {
    yield Object.fromEntries(
      spreads.map(([name, axis, { mean, deviation }]) => {
        if (axis.kind === 'range') return [name, valueAt(axis, mean + deviation * gaussian(random))];
        const from = random() < OTHER ? axis.values : elite.map((params) => params[name]);
        return [name, from[Math.floor(random() * from.length)]];
      }),
    );
  }
}

function aroundOf(axis: Axis, elite: readonly Params[], name: string): { mean: number; deviation: number } {
  const shares = elite.map((params) => shareOf(axis, params[name]));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  return { mean, deviation: Math.max(Math.sqrt(variance), NARROWEST, 0.7 / (sizeOf(axis) - 1)) };
}

function halton(index: number, base: number): number {
  let [value, share] = [0, 1 / base];
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * share;
    share /= base;
  }
  return value;
}
