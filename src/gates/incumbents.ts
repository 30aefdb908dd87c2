import { bestOfProbability } from '../metrics/statistics.ts';
import type { GatesConfig } from './config.ts';

/** A kept candidate seen again at today's number of trials. */
export interface Review {
  readonly luck: number;
  /** It would no longer pass deflation. */
  readonly provisional: boolean;
}

/**
 * Deflates a kept candidate again as N grows, from the `luckStatistic` that its trial recorded. Without that number it is
 * provisional.
 */
export function reviewKeep(
  metrics: Readonly<Record<string, number | null>>,
  trials: number,
  { luck, minTrials }: GatesConfig['deflation'],
): Review {
  const chance = bestOfProbability(metrics.luckStatistic ?? Number.NaN, Math.max(trials, minTrials));
  return { luck: chance, provisional: !(chance <= luck) };
}
