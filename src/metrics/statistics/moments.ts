/** Sample moments of one column of returns, per period. `skew` and `kurtosis` are population moments, kurtosis raw (normal: 3). */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation with n - 1. */
  readonly deviation: number;
  readonly skew: number;
  readonly kurtosis: number;
}

/** Moments of a column; deviation, skew and kurtosis are NaN where the column is too short or constant. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  const mean = sum / count;
  let [second, third, fourth, size] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const d = values[i] - mean;
    const d2 = d * d;
    second += d2;
    third += d2 * d;
    fourth += d2 * d2;
    size = Math.max(size, Math.abs(values[i]));
  }
  // A constant column leaves rounding dust in the sum of squares; a ratio over dust would look like infinite skill.
  const constant = second <= count * (size * 1e-12) ** 2;
  const population = second / count;
  return {
    count,
    mean,
    deviation: count < 2 || constant ? Number.NaN : Math.sqrt(second / (count - 1)),
    skew: constant ? Number.NaN : third / count / population ** 1.5,
    kurtosis: constant ? Number.NaN : fourth / count / population ** 2,
  };
}

/** Covariance of two columns of one length (n - 1), their means being known. */
export function covarianceOf(a: Float64Array, b: Float64Array, meanA: number, meanB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}

/** Sharpe ratio per period (Sharpe 1994): mean excess over `benchmark` by the n - 1 deviation; NaN for a constant or too short column. */
export function sharpeRatio(returns: ArrayLike<number>, benchmark = 0): number {
  const { mean, deviation } = momentsOf(returns);
  return (mean - benchmark) / deviation;
}

/** Sortino ratio per period (Sortino & Price 1994): mean excess over `target` by the root mean square shortfall over ALL periods; NaN without a shortfall. */
export function sortinoRatio(returns: ArrayLike<number>, target = 0): number {
  let sum = 0;
  let shortfall = 0;
  for (let i = 0; i < returns.length; i++) {
    const excess = returns[i] - target;
    sum += excess;
    if (excess < 0) shortfall += excess * excess;
  }
  const downside = Math.sqrt(shortfall / returns.length);
  return downside > 0 ? sum / returns.length / downside : Number.NaN;
}
