import { normalQuantile } from '../metrics/statistics/normal.ts';
import type { GatesConfig } from './config.ts';
import { correlationOf } from './evidence.ts';
import type { TrialHistory } from './history.ts';

/**
 * Annual Sharpe ratio over the selection folds that a candidate must exceed at its look. Three parts, after the Ladder of
 * Blum & Hardt (2015), where an answer changes only for an improvement larger than noise:
 * - the first look must exceed `minSharpe`;
 * - the k-th look must exceed it by the (1 - 1/(2k)) quantile of noise, so that trying again is not a second coin toss;
 * - a candidate that resembles a kept one must beat that one's Sharpe by `step` standard errors.
 * One that reads the calendar meets `seasonalBar` in place of the first two.
 * Noise is normal, or what the candidate's own code makes of folds without direction (`lucky`), whichever asks more: many small wins and a rare
 * great loss are above zero in nine years of ten.
 */
export function selectionBar(
  returns: Float64Array,
  years: number,
  history: TrialHistory,
  config: GatesConfig['selection'],
  look = history.looks + 1,
  seasonal = false,
  lucky: readonly number[] = [],
): number {
  const error = 1 / Math.sqrt(years);
  const normal = seasonal ? seasonalBar(look, years, config) : lookBar(look, years, config);
  const bar = Math.max(normal, config.minSharpe + quantileOf(lucky, seasonal ? seasonalChance(look) : 0.5 / look));
  const rivals = history.earlier.filter(
    (trial) => trial.outcome === 'keep' && correlationOf(trial.returns, returns) >= config.sameIdea,
  );
  const best = Math.max(bar, ...rivals.map(({ selectionSharpe }) => (selectionSharpe ?? 0) + config.step * error));
  return best;
}

/** What the k-th look at a market's selection folds asks of a candidate that resembles no kept one: what the looks before it cost. */
export function lookBar(look: number, years: number, { minSharpe }: GatesConfig['selection']): number {
  return minSharpe + normalQuantile(1 - 0.5 / look) / Math.sqrt(years);
}

/** Chance that any number of looks at candidates that read the calendar, without skill, end in a keep. */
const SEASONAL_CHANCE = 0.05;

/**
 * The same for a candidate that reads the calendar. The week has as many free signs as hours, and a table of them that fits the train
 * window passes every test of that window, its null included: only held-back days can tell. The k-th look is given
 * 5% / (k (k + 1)), which sums to 5% over all looks.
 */
export function seasonalBar(look: number, years: number, { minSharpe }: GatesConfig['selection']): number {
  return minSharpe + normalQuantile(1 - seasonalChance(look)) / Math.sqrt(years);
}

function seasonalChance(look: number): number {
  return SEASONAL_CHANCE / (look * (look + 1));
}

/** What a draw exceeds with at most this chance, counted as a permutation test counts; the largest of them where they are too few to say. */
function quantileOf(draws: readonly number[], chance: number): number {
  const falling = draws.toSorted((a, b) => b - a);
  return falling[Math.max(0, Math.floor(chance * (draws.length + 1)) - 1)] ?? Number.NEGATIVE_INFINITY;
}
