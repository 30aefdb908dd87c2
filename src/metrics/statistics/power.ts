import { normalQuantile } from './normal.ts';

/**
 * Smallest true annual Sharpe that a one-sided test at `alpha` over `years` finds with probability `power`
 * (2.4865 / sqrt(years) at .05 and .8). What a shorter window cannot see it can only veto.
 */
export function detectableSharpe(years: number, alpha = 0.05, power = 0.8): number {
  return (normalQuantile(1 - alpha) + normalQuantile(power)) / Math.sqrt(years);
}
