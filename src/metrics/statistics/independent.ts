import { momentsOf } from './moments.ts';

/**
 * How many independent trials a set of correlated ones is worth: r + (1 - r) N with the mean correlation r of their returns (Bailey & Lopez
 * de Prado 2014, appendix 3), at least 1, at most N. A DIAGNOSTIC: gates deflate by the raw N, because shrinking it lets a search that
 * is dominated by one family through. All columns have one length; constant ones correlate with nothing and are left out. Null when fewer than
 * two are left. Cost: one pass over all values.
 */
export function impliedIndependent(columns: readonly ArrayLike<number>[]): number | null {
  const moving = columns
    .map((values) => ({ values, ...momentsOf(values) }))
    .filter(({ deviation }) => Number.isFinite(deviation));
  const count = moving.length;
  if (count < 2) return null;
  const rows = moving[0].values.length;
  // The sum over all pairs is the square of the sum, row by row: no need to visit the pairs.
  let pairs = 0;
  for (let row = 0; row < rows; row++) {
    let [sum, squares] = [0, 0];
    for (const { values, mean, deviation } of moving) {
      const z = (values[row] - mean) / deviation;
      sum += z;
      squares += z * z;
    }
    pairs += sum * sum - squares;
  }
  const correlation = pairs / (rows - 1) / (count * (count - 1));
  return Math.min(count, Math.max(1, correlation + (1 - correlation) * count));
}
