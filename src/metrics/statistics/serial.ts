import { momentsOf } from './moments.ts';

/** Autocorrelation of neighbours, about the common mean; NaN for a constant or too short column. */
export function autocorrelation(values: ArrayLike<number>): number {
  const { count, mean, deviation } = momentsOf(values);
  if (!(deviation > 0) || count <= 2) return Number.NaN;
  let sum = 0;
  for (let i = 1; i < count; i++) sum += (values[i] - mean) * (values[i - 1] - mean);
  return sum / (deviation * deviation * (count - 1));
}

/** Independent observations that n observations with first-order correlation rho are worth: n (1 - rho) / (1 + rho). */
export function effectiveCount(count: number, rho: number): number {
  return (count * (1 - rho)) / (1 + rho);
}

/**
 * Standard error of the mean of serially correlated values: Newey and West (1987) with Bartlett weights and the
 * plug-in bandwidth 4 (n / 100)^(2/9). Never below the uncorrelated one, so that a lucky negative
 * autocorrelation cannot shrink a haircut.
 */
export function standardErrorOfMean(values: ArrayLike<number>): number {
  const { count, mean, deviation } = momentsOf(values);
  if (!(deviation > 0)) return Number.NaN;
  const lags = Math.min(count - 1, Math.floor(4 * (count / 100) ** (2 / 9)));
  const own = (deviation * deviation * (count - 1)) / count;
  let long = own;
  for (let lag = 1; lag <= lags; lag++) {
    let covariance = 0;
    for (let i = lag; i < count; i++) covariance += (values[i] - mean) * (values[i - lag] - mean);
    long += 2 * (1 - lag / (lags + 1)) * (covariance / count);
  }
  return Math.sqrt(Math.max(long, own) / count);
}
