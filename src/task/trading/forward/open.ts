import type { SimulationResult } from '../../../backtest/contract.ts';
import { nextVariance } from '../../../forward/detector.ts';
import type { Basis, Frozen } from '../../../forward/entries.ts';
import { promiseOf } from '../../../forward/promise.ts';
import { activeOf, NO_DAYS, withDay } from '../../../forward/standing.ts';
import { evidenceFrom, seriesOf } from '../../../gates/evidence.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { DAY } from '../../../market/bars.ts';
import { momentsOf } from '../../../metrics/statistics/moments.ts';
import { sharpeStatistic } from '../../../metrics/statistics.ts';
import { activityOf, wholeOf } from './days.ts';
import type { Freeze } from './freeze.ts';

/** What the record of a trial is opened with. */
export interface Opening extends Pick<Freeze, 'kept' | 'train' | 'from'> {
  readonly trial: Trial;
  readonly run: string;
  readonly tag: string;
  readonly symbols: readonly string[];
  /** The account at the end of train, of the folds and of the holdout. */
  readonly stages: readonly [SimulationResult, SimulationResult, SimulationResult];
  /** deflation.minTrials of gates.yaml: what the first trials of a run are judged as. */
  readonly minTrials: number;
  readonly basis: Basis;
}

/** The first entry of a trial's record: all that its states need to know of the days before it. */
export function frozenOf(opening: Opening): Frozen {
  const { trial, run, tag, kept, symbols, train, from, stages, minTrials, basis } = opening;
  const { started, candidate, family, outcome } = trial;
  const [ofTrain, folds, holdout] = stages;
  const { activeSharpe, sample, beta } = evidenceFrom(seriesOf(ofTrain));
  const all = seriesOf(holdout);
  const before = Array.from(all.returns, (value, d) => ({
    return: value,
    benchmark: all.benchmark[d],
    variation: all.variation[d],
    benchmarkVariation: all.benchmarkVariation[d],
  }));
  const known = Number.isFinite(beta) ? beta : 0;
  const active = Float64Array.from(before, (day) => activeOf(day, known));
  const { deviation } = momentsOf(active.subarray(0, (train.to - train.from) / DAY));
  const variance = active.reduce(nextVariance, Number.isFinite(deviation) ? deviation ** 2 : 0);
  const statistic = sharpeStatistic(sample, 0);
  const trials = Math.max(started.n, minTrials);
  return {
    type: 'frozen',
    run,
    trial: trial.trial,
    tag,
    candidate,
    family,
    role: outcome === 'keep' ? 'keep' : 'control',
    fingerprint: started.fingerprint,
    files: started.files,
    params: started.params,
    symbols: [...symbols],
    train,
    from,
    kept,
    promise: promiseOf(activeSharpe, statistic, trials),
    beta: known,
    variance,
    sums: before.reduce(withDay, NO_DAYS),
    activity: [
      activityOf('train', ofTrain, null),
      activityOf('folds', folds, wholeOf(ofTrain)),
      activityOf('holdout', holdout, wholeOf(folds)),
    ],
    basis,
  };
}
