import { median } from '../../base/numbers.ts';
import { DAY } from '../../market/bars.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import { momentsOf } from '../../metrics/statistics/moments.ts';
import { type Axes, shareOf } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { Tried } from './plateau.ts';
import type { Picked } from './tune.ts';
import type { Tuning, Walk } from './walk.ts';

/** What became of one part of train. Times are epoch ms UTC, scores annual fractions. */
export interface TunedStep {
  readonly from: number;
  readonly to: number;
  readonly params: Params;
  /** Annual Sharpe ratio of these parameters on all that lies before the part: what the tuner saw. */
  readonly inSample: number;
  /** The same on the part itself; null where nothing moved in it. */
  readonly outOfFold: number | null;
}

/** A tuned trial for reports: what was picked, what it promised and what it gave. */
export interface Tuned {
  readonly axes: Axes;
  readonly steps: readonly TunedStep[];
  /** Tuned on all of train: what held-back data were shown to; null where the trial never came that far. */
  readonly final: Params | null;
  /** Share of the in-sample Sharpe ratio that was lost out of fold; null where there was none to lose. */
  readonly shrinkage: number | null;
  /** By parameter 1 minus the median change from part to part, as a share of its range: 1 never moves. */
  readonly stability: Readonly<Record<string, number>>;
  /** All that was tried on the last part's past, for the response surface. */
  readonly surface: readonly Tried[];
  /** Independent curves that these points are worth; absent in reports of an older Ralph. */
  readonly curves?: number;
}

/** Puts the report together. `returns` are those of the traded parts, day by day; absent where the trial ended before train. */
export function tunedOf(walk: Walk, { axes }: Tuning, final: Picked | null, returns?: Float64Array): Tuned {
  const first = walk[0].from;
  const steps = walk.map(({ from, to, params, sharpe }): TunedStep => {
    const part = returns?.subarray((from - first) / DAY, (to - first) / DAY);
    return { from, to, params, inSample: sharpe, outOfFold: part ? sharpeOf(part) : null };
  });
  return {
    axes,
    steps,
    final: final?.params ?? null,
    shrinkage: shrinkageOf(steps),
    stability: stabilityOf(walk, axes),
    surface: (final ?? walk[walk.length - 1]).tried,
    curves: (final ?? walk[walk.length - 1]).curves,
  };
}

function sharpeOf(part: Float64Array): number | null {
  const { mean, deviation } = momentsOf(part);
  return deviation > 0 ? (mean / deviation) * Math.sqrt(DAYS_A_YEAR) : null;
}

function shrinkageOf(steps: readonly TunedStep[]): number | null {
  const known = steps.filter(({ outOfFold }) => outOfFold !== null);
  const promised = known.reduce((sum, { inSample }) => sum + inSample, 0);
  const given = known.reduce((sum, { outOfFold }) => sum + outOfFold!, 0);
  return known.length > 0 && Number.isFinite(promised) && promised > 0 ? 1 - given / promised : null;
}

function stabilityOf(walk: Walk, axes: Axes): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pathOf(walk, axes)).map(([name, shares]) => {
      const moves = shares.slice(1).map((share, k) => Math.abs(share - shares[k]));
      return [name, 1 - median(moves)];
    }),
  );
}

/** Where each parameter stood on its axis, 0 to 1, part by part. */
export function pathOf(walk: readonly { readonly params: Params }[], axes: Axes): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(axes).map(([name, axis]) => [name, walk.map(({ params }) => shareOf(axis, params[name]))]),
  );
}
