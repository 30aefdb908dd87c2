import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { momentsOf } from '../metrics/statistics/moments.ts';
import { standardErrorOfMean } from '../metrics/statistics/serial.ts';
import type { GatesConfig } from './config.ts';

/**
 * The number that ranks candidates: annualised mean of daily net returns minus k standard errors of that mean (serial
 * correlation and hidden risk counted). Money-like, so that going to cash lowers it. Not raisable by sizing: a weight is clamped to the
 * harness's sizing, so full size is the most a candidate can ask for, and what a thin exposure hides is taken off below
 * the floor. Null for a flat line.
 */
export function scoreOf(
  returns: Float64Array,
  meanExposure: number,
  { standardErrors, minExposure }: GatesConfig['score'],
  hiddenRisk = 1,
): number | null {
  const { mean } = momentsOf(returns);
  const score =
    DAYS_A_YEAR * (mean - standardErrors * Math.sqrt(Math.max(1, hiddenRisk)) * standardErrorOfMean(returns));
  if (!Number.isFinite(score)) return null;
  return score > 0 && meanExposure < minExposure ? (score * meanExposure) / minExposure : score;
}
