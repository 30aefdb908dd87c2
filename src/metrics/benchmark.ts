import { covarianceOf, momentsOf } from './statistics/moments.ts';
import { orNull } from './undefined.ts';

/** How returns move with those of the market. */
export interface MarketRelation {
  /** Covariance over the market's variance (both n - 1); null when the market did not move. */
  readonly beta: number | null;
  /** Pearson; null when either did not move. */
  readonly correlation: number | null;
  /** Mean return per period that beta does not explain (Jensen 1968, no riskless rate). */
  readonly alpha: number | null;
}

/** Beta, correlation and alpha of returns against a market's returns of the same periods. Null for fewer than 2. */
export function marketRelation(returns: Float64Array, market: Float64Array): MarketRelation {
  const [own, other] = [momentsOf(returns), momentsOf(market)];
  const covariance = covarianceOf(returns, market, own.mean, other.mean);
  // A constant column has a NaN deviation by design: beta of cash against a market is a true 0, the correlation is not.
  const beta = Number.isNaN(own.deviation) && other.deviation > 0 ? 0 : covariance / other.deviation ** 2;
  return {
    beta: orNull(beta),
    correlation: orNull(covariance / own.deviation / other.deviation),
    alpha: orNull(own.mean - beta * other.mean),
  };
}
