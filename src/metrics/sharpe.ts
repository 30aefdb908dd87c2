import { sharpeRatio } from './statistics/moments.ts';
import { orNull } from './undefined.ts';

/** How a ratio of returns is measured. */
export interface RatioOptions {
  /** Return per period that must be exceeded: a risk-free rate, a target. Default 0. */
  readonly benchmark?: number;
  /** Periods a year to annualise with (365 for daily returns of crypto). Default 1: per period, as given. */
  readonly periods?: number;
}

/**
 * Sharpe ratio: mean excess return over the standard deviation (divisor n - 1), times sqrt(periods). Sharpe 1994.
 * Null for fewer than 2 returns, for a constant column and for one that holds NaN.
 */
export function sharpe(returns: ArrayLike<number>, { benchmark = 0, periods = 1 }: RatioOptions = {}): number | null {
  return orNull(sharpeRatio(returns, benchmark) * Math.sqrt(periods));
}
