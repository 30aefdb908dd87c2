import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import type { SharpeSample } from '../../metrics/statistics.ts';
import { bestOfProbability, bestOfQuantile, deflatedSharpe, sharpeStatistic } from '../../metrics/statistics.ts';
import { atLeast, plain } from '../check.ts';
import type { GatesConfig } from '../config.ts';
import { annual } from '../evidence.ts';
import type { GateResult } from '../verdict.ts';

/** One candidate's Sharpe ratio against what luck shows among N trials. */
export interface Deflation {
  /** z of the candidate's own Sharpe ratio, so that it can be deflated again as N grows. */
  readonly statistic: number;
  /** N as used: every trial of the run, never fewer than deflation.minTrials. */
  readonly trials: number;
  /** Deflated Sharpe ratio at N, with the sampling variance of a Sharpe ratio without skill as V. */
  readonly deflatedSharpe: number;
  /** Chance that the best of N without skill looks as good. */
  readonly luck: number;
  /** Annual Sharpe ratio at which that chance equals deflation.luck, for returns of this length and shape. */
  readonly required: number;
}

/**
 * Deflation at raw N. Published practice takes V from the trials and asks for a deflated Sharpe of .95. V here is the
 * sampling variance of a Sharpe ratio without skill, D / (T - 1): trials that burn their money on costs, or that share a real edge,
 * blow V up, and near-copies shrink it, so a search could move its own bar. And the bar is the upper `luck` quantile of the best of
 * N (the deflated Sharpe at which it lies depends on N: .71 at 100), so that its error rate is known.
 */
export function deflate(
  sample: SharpeSample,
  trials: number,
  { luck, minTrials }: GatesConfig['deflation'],
): Deflation {
  const n = Math.max(trials, minTrials);
  const z = sharpeStatistic(sample, 0);
  const error = sample.sharpe / z;
  return {
    statistic: z,
    trials: n,
    deflatedSharpe: deflatedSharpe(sample, n, error * error),
    luck: bestOfProbability(z, n),
    required: annual(bestOfQuantile(n, luck) * error),
  };
}

/** Annual Sharpe ratio that a candidate needs now over `days` of near-normal returns; what `status` prints. */
export function requiredSharpe(days: number, trials: number, { luck, minTrials }: GatesConfig['deflation']): number {
  const z = bestOfQuantile(Math.max(trials, minTrials), luck);
  // D = 1 + SR^2 / 2 for normal returns, solved for the Sharpe ratio itself.
  const spare = days - 1 - (z * z) / 2;
  return spare > 0 ? (z / Math.sqrt(spare)) * Math.sqrt(DAYS_A_YEAR) : Number.POSITIVE_INFINITY;
}

export function deflationGates(deflation: Deflation, activeSharpe: number): GateResult[] {
  const { required, trials, luck, deflatedSharpe: dsr } = deflation;
  if (!Number.isFinite(required)) {
    return [plain('deflation', 'sharpe', false, 'luck', 'no Sharpe ratio can be told from luck on returns like these')];
  }
  const note = `luck shows this in ${(luck * 100).toFixed(0)}% of searches of ${trials}; deflated sharpe ${dsr.toFixed(2)}`;
  return [atLeast('deflation', 'sharpe', activeSharpe, required, { class: 'luck', label: 'active sharpe', note })];
}
