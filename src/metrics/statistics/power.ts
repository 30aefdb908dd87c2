import { expectedMaximum } from '../statistics.ts';
import { normalQuantile } from './normal.ts';

/**
 * Smallest true annual Sharpe that a one-sided test at `alpha` over `years` finds with probability `power`
 * (2.4865 / sqrt(years) at .05 and .8). What a shorter window cannot see it can only veto.
 */
export function detectableSharpe(years: number, alpha = 0.05, power = 0.8): number {
  return (normalQuantile(1 - alpha) + normalQuantile(power)) / Math.sqrt(years);
}

/**
 * Looks at a window of `years` after which luck alone is expected to show an annual Sharpe of `target`:
 * the largest N whose expected maximum stays within target * sqrt(years). At least 1.
 */
export function looksBeforeLuck(years: number, target: number): number {
  const bar = target * Math.sqrt(years);
  let [low, high] = [1, 2];
  while (expectedMaximum(high, 1) <= bar && high < 1e9) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (expectedMaximum(middle, 1) <= bar) low = middle;
    else high = middle;
  }
  return low;
}
