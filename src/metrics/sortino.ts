import { sortinoRatio } from './statistics/moments.ts';
import { orNull } from './undefined.ts';

/** How a Sortino ratio is measured. */
export interface SortinoOptions {
  /** Return per period below which a return counts as a shortfall. Default 0. */
  readonly target?: number;
  /** Periods a year to annualise with. Default 1: per period, as given. */
  readonly periods?: number;
}

/**
 * Sortino ratio: mean excess over `target` divided by the downside deviation, whose sum of squared shortfalls is divided by
 * ALL n returns and not by the losing ones alone, times sqrt(periods). Sortino & Price 1994.
 * Null without a shortfall: a column that never lost tells nothing about how much it can lose.
 */
export function sortino(returns: ArrayLike<number>, { target = 0, periods = 1 }: SortinoOptions = {}): number | null {
  return orNull(sortinoRatio(returns, target) * Math.sqrt(periods));
}
