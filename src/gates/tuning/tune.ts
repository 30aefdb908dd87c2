import type { BoxAnswer, BoxFailure } from '../../backtest/contract.ts';
import { canonicalJson } from '../../base/hash.ts';
import { seededRandom } from '../../base/random.ts';
import { impliedIndependent } from '../../metrics/statistics/independent.ts';
import type { Axes } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { Measured } from './objective.ts';
import { bestOf, plateauOf, type Tried } from './plateau.ts';
import { fillingPoints, localPoints } from './points.ts';

/** What is tuned, and how a point is played. */
export interface Problem {
  readonly axes: Axes;
  /** Parameters that stay as they are. */
  readonly fixed: Params;
  /** Same seed, same points. */
  readonly seed: string;
  readonly evaluations: number;
  /** Points to try beside the first of the filling ones. */
  readonly also?: readonly Params[];
  readonly allowed: (points: readonly Params[]) => Promise<BoxAnswer<readonly boolean[]>>;
  /** What some points are worth, in order; null where one crashed, went broke or never traded. */
  readonly evaluate: (points: readonly Params[]) => Promise<BoxAnswer<readonly (Point | null)[]>>;
}

type Point = Pick<Measured, 'score' | 'sharpe'> & Partial<Measured>;

/** What the tuner picked, and all that it tried. */
export interface Picked {
  readonly params: Params;
  readonly sharpe: number;
  readonly plateau: number;
  readonly tried: readonly Tried[];
  /** How many independent curves the points are worth, whole: what showing them would add to N. */
  readonly curves: number;
}

/** Share of the evaluations that fill the space; the others look around what was found. */
const FILLING = 0.5;
const GENERATION = 8;
/** Share of the points tried that the local search starts from. */
const ELITE = 0.2;
/** Points that are drawn for one that is new and allowed. */
const DRAWS = 40;

/**
 * Searches the parameters with the highest plateau of the score: first points that fill the space, then points around the best. Fails with
 * kind `policy` where `where` allows nothing, `throw` where no point gives a number.
 */
export async function tune(problem: Problem): Promise<BoxAnswer<Picked>> {
  const { axes, fixed, evaluations, evaluate, also = [] } = problem;
  const random = seededRandom(problem.seed);
  const tried: Tried[] = [];
  const seen = new Set<string>();
  const returns: Float64Array[] = [];
  const run = async (points: readonly Params[]): Promise<BoxFailure | undefined> => {
    const answer = await evaluate(points);
    if (!answer.ok) return answer;
    for (const [i, params] of points.entries()) {
      const { score = null, sharpe = null, measures, returns: own } = answer.value[i] ?? {};
      tried.push({ params, score, sharpe, ...(measures && { measures }) });
      if (own) returns.push(own);
    }
    return undefined;
  };
  const first = await drawn(
    problem,
    withFirst(also, fillingPoints(axes, random)),
    Math.ceil(evaluations * FILLING),
    seen,
  );
  if (!first.ok) return first;
  if (first.value.length === 0)
    return refuse('policy', 'where allows no point of the ranges: loosen it, or widen them');
  const failed = await run(first.value);
  if (failed) return failed;
  while (tried.length < evaluations) {
    const plateau = plateauOf(tried, axes);
    const elite = [...tried.keys()]
      .filter((i) => tried[i].score !== null)
      .sort((a, b) => plateau[b] - plateau[a] || tried[b].score! - tried[a].score! || a - b)
      .slice(0, Math.max(3, Math.round(ELITE * tried.length)))
      .map((i) => tried[i].params);
    if (elite.length === 0) break;
    const wanted = Math.min(GENERATION, evaluations - tried.length);
    const next = await drawn(problem, localPoints(axes, elite, random), wanted, seen);
    if (!next.ok) return next;
    if (next.value.length === 0) break;
    const broken = await run(next.value);
    if (broken) return broken;
  }
  const best = bestOf(tried, axes);
  if (!best) return refuse('throw', 'no point of the ranges trades and keeps its money');
  const { params, sharpe } = tried[best.index];
  return {
    ok: true,
    value: {
      params: { ...fixed, ...params },
      sharpe: sharpe!,
      plateau: best.plateau,
      tried,
      curves: curvesOf(returns),
    },
  };
}

function curvesOf(returns: readonly Float64Array[]): number {
  return Math.ceil((impliedIndependent(returns) ?? returns.length) - 1e-9);
}

function* withFirst(first: readonly Params[], then: Iterable<Params>): Generator<Params> {
  yield* first;
  yield* then;
}

/** Up to `wanted` points that are new and allowed; fewer where the space has no more of them. Adds what it drew to `seen`. */
export async function drawn(
  { axes, fixed, allowed }: Pick<Problem, 'axes' | 'fixed' | 'allowed'>,
  source: Iterator<Params>,
  wanted: number,
  seen = new Set<string>(),
): Promise<BoxAnswer<Params[]>> {
  const names = Object.keys(axes);
  const found: Params[] = [];
  for (let draws = 0; found.length < wanted && draws < DRAWS; draws++) {
    const fresh: Params[] = [];
    for (let k = 0; k < wanted; k++) {
      const { value } = source.next();
      const point = { ...fixed, ...Object.fromEntries(names.map((name) => [name, (value as Params)[name]])) };
      const key = canonicalJson(point);
      if (seen.has(key)) continue;
      seen.add(key);
      fresh.push(point);
    }
    if (fresh.length === 0) continue;
    const answer = await allowed(fresh);
    if (!answer.ok) return answer;
    found.push(...fresh.filter((_, i) => answer.value[i]));
  }
  return { ok: true, value: found.slice(0, wanted) };
}

function refuse(kind: BoxFailure['kind'], message: string): BoxFailure {
  return { ok: false, kind, message };
}
