import type { BoxAnswer, SimulationResult, SurrogateRequest } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { canonicalJson } from '../../base/hash.ts';
import { seededRandom } from '../../base/random.ts';
import { DAY } from '../../market/bars.ts';
import { dailyReturns } from '../../metrics/returns.ts';
import { momentsOf } from '../../metrics/statistics/moments.ts';
import type { Axes } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { GatesConfig } from '../config.ts';
import { scoreOf } from '../score.ts';
import { playChunk } from '../tuning/evaluate.ts';
import { bestOf } from '../tuning/plateau.ts';
import { fillingPoints } from '../tuning/points.ts';
import { drawn } from '../tuning/tune.ts';
import { playOf, type Walk, type WalkStep } from '../tuning/walk.ts';
import type { StageContext, TrainFindings } from './stage.ts';

/** Decisions in a train window up to which the null has all its evaluations and may draw more surrogates: 20,000 hours are 27 months. */
const FEW_DECISIONS = 30_000;
/** A candidate that decides every minute gets this share of the evaluations. */
const LEAST_SHARE = 0.5;
/** Surrogates that a candidate of few decisions may ask for while it is undecided. */
const MORE = 3;

/** Surrogates at most for a tuned candidate: each is tuned anew, and all of them have a minute. By what the candidate does alone, so that a trial reproduces. */
export function mostTuned({ surrogates: { count, most } }: GatesConfig, { result }: TrainFindings): number {
  return result.decisions <= FEW_DECISIONS ? Math.min(most, MORE * count) : count;
}

/**
 * The candidate tuned anew on each surrogate, walk-forward as on the market, with fewer evaluations, and what it then makes of it. The points are the
 * same on all; each is played once to the end of the last in-sample part, and every part reads off its own beginning. That is no gift: who
 * looks ahead here only raises the bar for itself.
 */
export async function tunedSurrogates(
  { config, tuning, walk, train, workbench }: StageContext,
  { result }: TrainFindings,
  surrogates: readonly SurrogateRequest[],
): Promise<BoxAnswer<readonly SimulationResult[]>> {
  const share = result.decisions <= FEW_DECISIONS ? 1 : LEAST_SHARE;
  const { axes, fixed, seed } = tuning!;
  const wanted = Math.max(3, Math.round(share * config.tuning.nullEvaluations));
  const fresh = await drawn(
    { axes, fixed, allowed: (asked) => workbench.allowed(asked) },
    fillingPoints(axes, seededRandom(`${seed} null`)),
    wanted,
  );
  if (!fresh.ok) return fresh;
  const points = filledUp(fresh.value, walk!, wanted);
  const last = walk![walk!.length - 1].from;
  return workbench.spread(
    surrogates.map((surrogate) => async (simulate) => {
      const part = { range: { from: train.from, to: last }, until: last, surrogate };
      const read = await playChunk(simulate, points, part, (played) => played);
      if (!read.ok) return read;
      const retuned = walk!.map(
        (step): WalkStep => ({ ...step, params: pickFor(step, points, read.value, config, axes, train.from) }),
      );
      const answer = await simulate([{ ...playOf(retuned, train), scenario: NEUTRAL, detail: 'days', surrogate }]);
      return answer.ok ? { ok: true, value: answer.value[0] } : answer;
    }),
  );
}

/**
 * Where `where` allows so little that hardly a point is drawn, those that the tuner found: without them a narrow `where` would leave the
 * surrogates untuned, and the null easy to beat.
 */
function filledUp(fresh: readonly Params[], walk: Walk, wanted: number): readonly Params[] {
  const found = walk.flatMap(({ tried }) => tried.map(({ params }) => params));
  const distinct = new Map([...fresh, ...found].map((params) => [canonicalJson(params), params]));
  return [...distinct.values()].slice(0, wanted);
}

/** What the tuner would have picked before a part, by the beginnings of the simulations. */
function pickFor(
  { from, params }: WalkStep,
  points: readonly Params[],
  played: readonly (SimulationResult | null)[],
  config: GatesConfig,
  axes: Axes,
  start: number,
): Params {
  const days = (from - start) / DAY;
  const tried = played.map((result, i) => {
    const returns = result && dailyReturns(result).subarray(0, days);
    const flat = !returns || !(momentsOf(returns).deviation > 0);
    return {
      params: points[i],
      score: flat ? null : scoreOf(returns, result!.meanExposure, config.score),
      sharpe: null,
    };
  });
  const best = bestOf(tried, axes);
  return best ? points[best.index] : params;
}
