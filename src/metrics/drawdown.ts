import { orNull } from './undefined.ts';

/** How far and how long a curve was below its peak. */
export interface Drawdown {
  /** Largest fall from an earlier peak as a fraction of that peak, 0 to 1. */
  readonly depth: number;
  /** Most entries from one at the peak to the first that is back at it, or to the end: the unit is one entry. */
  readonly length: number;
}

/** Depth and length of the worst drawdowns of a curve of positive levels; they need not be the same drawdown. */
export function drawdown(levels: ArrayLike<number>): Drawdown {
  let [peak, since, depth, length] = [Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] >= peak) {
      // The way back up counts as well: a curve is under water until it is back at its peak.
      if (i - since > 1) length = Math.max(length, i - since);
      [peak, since] = [levels[i], i];
    } else {
      depth = Math.max(depth, (peak - levels[i]) / peak);
      length = Math.max(length, i - since);
    }
  }
  return { depth, length };
}

/** Largest fall from a peak as a fraction of the peak; null for an empty curve and for one that holds NaN. */
export function maxDrawdown(levels: ArrayLike<number>): number | null {
  for (let i = 0; i < levels.length; i++) if (Number.isNaN(levels[i])) return null;
  return levels.length === 0 ? null : drawdown(levels).depth;
}

/** Mean loss of the worst 5% of the returns, as a positive fraction (Acerbi & Tasche 2002). Null without returns. */
export function expectedShortfall(returns: Float64Array, share = 0.05): number | null {
  const worst = returns.toSorted().subarray(0, Math.ceil(returns.length * share));
  return orNull(-worst.reduce((sum, value) => sum + value, 0) / worst.length);
}
