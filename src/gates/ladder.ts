import { normalQuantile } from '../metrics/statistics/normal.ts';
import { looksBeforeLuck } from '../metrics/statistics/power.ts';
import type { GatesConfig } from './config.ts';
import { correlationOf } from './evidence.ts';
import type { TrialHistory } from './history.ts';

/**
 * Annual Sharpe ratio over the selection folds that a candidate must exceed at its look. Three parts, after the Ladder of
 * Blum & Hardt (2015), where an answer changes only for an improvement larger than noise:
 * - the first look must exceed `minSharpe`;
 * - the k-th look must exceed it by the (1 - 1/(2k)) quantile of noise, so that trying again is not a second coin toss;
 * - a candidate that resembles a kept one must beat that one's Sharpe by `step` standard errors.
 */
export function selectionBar(
  returns: Float64Array,
  years: number,
  history: TrialHistory,
  config: GatesConfig['selection'],
): number {
  const error = 1 / Math.sqrt(years);
  const look = history.looks + 1;
  const bar = config.minSharpe + normalQuantile(1 - 0.5 / look) * error;
  const rivals = history.earlier.filter(
    (trial) => trial.outcome === 'keep' && correlationOf(trial.returns, returns) >= config.sameIdea,
  );
  const best = Math.max(bar, ...rivals.map(({ selectionSharpe }) => (selectionSharpe ?? 0) + config.step * error));
  return best;
}

/** Looks at the selection window that one run may take: as many as luck needs to show `luckSharpe` in `years`. */
export function lookBudget(years: number, { luckSharpe }: GatesConfig['selection']): number {
  return looksBeforeLuck(years, luckSharpe);
}
