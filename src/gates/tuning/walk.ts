import type { BoxAnswer, ParamStep } from '../../backtest/contract.ts';
import { failpoint } from '../../base/failpoint.ts';
import { DAY, type Range } from '../../market/bars.ts';
import type { Axes } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { GatesConfig } from '../config.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { playPoints } from './evaluate.ts';
import { objectiveOf } from './objective.ts';
import type { Tried } from './plateau.ts';
import { type Picked, tune } from './tune.ts';

/** A candidate whose parameters are tuned. */
export interface Tuning {
  readonly axes: Axes;
  /** Parameters that stay as they are. */
  readonly fixed: Params;
  /** From the data alone, so that the same data give the same points. */
  readonly seed: string;
}

/** One part of train that is traded with what was tuned before it. */
export interface WalkStep extends ParamStep {
  /** First moment that is no part of it. */
  readonly to: number;
  /** Annual Sharpe ratio of the picked point on the part that it was tuned on. */
  readonly sharpe: number;
  readonly tried: readonly Tried[];
  readonly curves?: number;
}

export type Walk = readonly WalkStep[];

type Bench = Pick<Workbench, 'spread' | 'allowed'>;

/** The parts of train: where each traded part begins and ends, midnight UTC. All have one length, and so has the part before the first. */
export function partsOf({ from, to }: Range, steps: number): Range[] {
  const days = Math.floor((to - from) / DAY);
  const at = (k: number) => (k > steps ? to : from + Math.round((days * k) / (steps + 1)) * DAY);
  return Array.from({ length: steps }, (_, k) => ({ from: at(k + 1), to: at(k + 2) }));
}

/**
 * Anchored walk-forward (Pardo 1992): before each part the tuner sees the bars from the start of train up to that part, and no others are in
 * the process's reach. The part is then traded with what it picked.
 */
export async function walkForward(
  workbench: Bench,
  tuning: Tuning,
  train: Range,
  config: GatesConfig,
  onProgress?: (words: string) => void,
): Promise<BoxAnswer<Walk>> {
  const steps: WalkStep[] = [];
  const parts = partsOf(train, config.tuning.steps);
  for (const [k, { from, to }] of parts.entries()) {
    failpoint('gates.tuning.part');
    const before = steps.at(-1)?.params;
    const also = before ? [before] : [];
    const where = `step ${k + 1} of ${parts.length}`;
    const found = await tuneUntil(
      workbench,
      { ...tuning, also, where },
      { from: train.from, to: from },
      train,
      config,
      onProgress,
    );
    if (!found.ok) return found;
    const { params, sharpe, tried, curves } = found.value;
    steps.push({ from, to, params, sharpe, tried, curves });
  }
  return { ok: true, value: steps };
}

/** The parameters that go to held-back data: tuned once more, on all of train. */
export function tuneOnTrain(
  workbench: Bench,
  tuning: Tuning,
  walk: Walk,
  train: Range,
  config: GatesConfig,
  onProgress?: (words: string) => void,
): Promise<BoxAnswer<Picked>> {
  const last = { ...tuning, also: [walk[walk.length - 1].params], where: 'all of train' };
  return tuneUntil(workbench, last, train, train, config, onProgress);
}

async function tuneUntil(
  workbench: Bench,
  { axes, fixed, seed, also, where }: Tuning & { readonly also: readonly Params[]; readonly where: string },
  seen: Range,
  train: Range,
  config: GatesConfig,
  onProgress?: (words: string) => void,
): Promise<BoxAnswer<Picked>> {
  const days = (train.to - train.from) / DAY;
  let done = 0;
  return tune({
    axes,
    fixed,
    also,
    seed: `${seed} ${where}`,
    evaluations: config.tuning.evaluations,
    allowed: (points) => workbench.allowed(points),
    evaluate: async (points) => {
      const answer = await playPoints(workbench, points, { range: seen, until: seen.to }, (result) =>
        objectiveOf(result, config, days),
      );
      done += points.length;
      onProgress?.(`tuning ${where}: ${done} of ${config.tuning.evaluations} points`);
      return answer;
    },
  });
}

/** How a walk is played: `params` first, the others from their day on. */
export function playOf(walk: Walk, train: Range): { params: Params; path: ParamStep[]; range: Range } {
  const [{ params, from }, ...later] = walk;
  return {
    params,
    path: later.map((step) => ({ from: step.from, params: step.params })),
    range: { from, to: train.to },
  };
}
