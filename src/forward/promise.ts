import { normalCdf, normalQuantile } from '../metrics/statistics/normal.ts';
import type { Promised } from './entries.ts';

/**
 * The Sharpe ratio that a keep is held to: the observed one, shrunk for having been the best of N (winner's curse). Haircut Sharpe ratio
 * (Harvey & Liu 2015, "Backtesting"): the chance p of its statistic without skill becomes 1 - (1 - p)^N (Šidák), and the promise is the
 * Sharpe ratio whose own chance would be that. `statistic`: the observed Sharpe ratio in standard errors. 0 where nothing is left.
 */
export function promiseOf(observed: number, statistic: number, trials: number): Promised {
  const chance = normalCdf(-statistic);
  const adjusted = -Math.expm1(Math.max(1, trials) * Math.log1p(-chance));
  // A statistic beyond what doubles tell from certainty keeps all of its Sharpe ratio.
  const left = adjusted > 0 ? Math.min(1, Math.max(0, -normalQuantile(adjusted) / statistic)) : 1;
  const known = observed > 0 && statistic > 0;
  const error = observed / statistic;
  return { observed: finiteOf(observed), error: finiteOf(error), trials, sharpe: known ? observed * left : 0 };
}

/** What JSON can hold. */
function finiteOf(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
