import { normalCdf, normalQuantile } from './statistics/normal.ts';

// Per-period units everywhere: SR = mean / deviation of the SAME periods that are counted, never an annual figure.

/** What a test of one Sharpe ratio needs to know of its returns, per period. */
export interface SharpeSample {
  readonly sharpe: number;
  /** Number of observations. */
  readonly count: number;
  /** 0 for normal returns. */
  readonly skew: number;
  /** Raw, 3 for normal returns. */
  readonly kurtosis: number;
}

const EULER_MASCHERONI = 0.5772156649015329;

/**
 * Probability that the true Sharpe exceeds `benchmark` (Bailey & Lopez de Prado 2012), in 0..1.
 * NaN when it is undefined: fewer than 2 observations, a non-finite moment, or a variance term that is not positive.
 */
export function probabilisticSharpe(sample: SharpeSample, benchmark: number): number {
  return normalCdf(sharpeStatistic(sample, benchmark));
}

/** The z statistic under probabilisticSharpe: (SR - benchmark) * sqrt(T - 1) / sqrt(D), D = 1 - g3 SR + (g4 - 1)/4 SR^2. */
export function sharpeStatistic({ sharpe, count, skew, kurtosis }: SharpeSample, benchmark: number): number {
  const spread = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  if (!(count >= 2) || !(spread > 0)) return Number.NaN;
  return ((sharpe - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(spread);
}

/**
 * Expected largest Sharpe among `trials` without skill whose Sharpe ratios have variance `variance`
 * (Bailey & Lopez de Prado 2014, eq. 1); 0 for one trial. Same per-period unit as the root of the variance.
 */
export function expectedMaximum(trials: number, variance: number): number {
  if (trials === 1) return 0;
  const typical = normalQuantile(1 - 1 / trials);
  const extreme = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * typical + EULER_MASCHERONI * extreme);
}

/** Deflated Sharpe ratio (2014): probabilisticSharpe against the expected maximum of `trials` RAW trials. */
export function deflatedSharpe(sample: SharpeSample, trials: number, variance: number): number {
  return probabilisticSharpe(sample, expectedMaximum(trials, variance));
}

/**
 * Smallest z that the best of `trials` independent statistics without skill exceeds with probability `alpha`:
 * the (1 - alpha) quantile of the maximum. Dependence between trials only makes it rarer.
 */
export function bestOfQuantile(trials: number, alpha: number): number {
  return -normalQuantile(bestOfLevel(trials, alpha));
}

/** Level of each of `trials` independent tests at which all of them together err with probability `alpha` (Sidak 1967). */
export function bestOfLevel(trials: number, alpha: number): number {
  return -Math.expm1(Math.log1p(-alpha) / trials);
}

/** Probability that the best of `trials` independent statistics without skill reaches z: 1 - Phi(z)^N (Sidak). */
export function bestOfProbability(z: number, trials: number): number {
  return -Math.expm1(trials * Math.log1p(-normalCdf(-z)));
}
