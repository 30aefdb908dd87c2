import { type Axes, shareOf } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { Measures } from './objective.ts';

/** A point that was tried. `score` is null where it crashed, went broke or never traded. */
export interface Tried {
  readonly params: Params;
  readonly score: number | null;
  /** Annual, of the same simulation. */
  readonly sharpe: number | null;
  /** Absent where there is no score. */
  readonly measures?: Measures;
}

/** How far apart two values of a choice are, on the scale on which an axis is 1 long. */
const OTHER_CHOICE = 0.5;

/**
 * The value of each point as the median score of its neighbourhood: itself and the nearest points tried, 2 an axis and 4 at least. One lucky
 * point among bad ones is worth little, a point amid good ones much. -Infinity where most of the neighbourhood has no score.
 */
export function plateauOf(tried: readonly Tried[], axes: Axes): number[] {
  const scores = tried.map(({ score }) => score ?? Number.NEGATIVE_INFINITY);
  const places = tried.map(({ params }) => Object.entries(axes).map(([name, axis]) => shareOf(axis, params[name])));
  const choices = Object.values(axes).map(({ kind }) => kind === 'choice');
  const wanted = 1 + Math.max(4, 2 * choices.length);
  return tried.map((_, i) => {
    const near = places
      .map((place, j) => ({ j, distance: distanceOf(places[i], place, choices) }))
      .sort((a, b) => a.distance - b.distance || a.j - b.j)
      .slice(0, wanted)
      .map(({ j }) => scores[j])
      .sort((a, b) => a - b);
    return near[(near.length - 1) >> 1];
  });
}

/** The point on the highest plateau; of equal ones the one with the higher score, of those the first. */
export function bestOf(
  tried: readonly Tried[],
  axes: Axes,
): { readonly index: number; readonly plateau: number } | null {
  const values = plateauOf(tried, axes);
  let best = -1;
  for (const [i, { score }] of tried.entries()) {
    if (score === null) continue;
    if (best < 0 || values[i] > values[best] || (values[i] === values[best] && score > tried[best].score!)) best = i;
  }
  return best < 0 ? null : { index: best, plateau: values[best] };
}

function distanceOf(a: readonly number[], b: readonly number[], choices: readonly boolean[]): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) {
    const apart = choices[d] ? (a[d] === b[d] ? 0 : OTHER_CHOICE) : a[d] - b[d];
    sum += apart * apart;
  }
  return sum;
}
