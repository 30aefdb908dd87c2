import { firstIndex } from '../../../base/numbers.ts';
import { normalCdf, normalQuantile } from '../../../metrics/statistics/normal.ts';

/** Up to this many on each side the chance is counted, beyond it a normal stands for the count. */
const MOST_COUNTED = 30;

/**
 * One-sided p of the rank-sum test (Mann & Whitney 1947): the chance that two samples of one distribution show `b` above `a` as clearly as
 * this. A tie counts for `a`, so that p is never too small. Exact for small samples; the normal beyond is too large in the far tail, never too
 * small.
 */
export function rankSumP(a: readonly number[], b: readonly number[]): number {
  const [m, n] = [a.length, b.length];
  const sorted = a.toSorted((x, y) => x - y);
  let above = 0;
  for (const value of b) above += firstIndex(m, (at) => sorted[at] >= value);
  if (m <= MOST_COUNTED && n <= MOST_COUNTED) return tailOf(m, n)[above];
  const mean = (m * n) / 2;
  const deviation = Math.sqrt((m * n * (m + n + 1)) / 12);
  return normalCdf(-(above - 0.5 - mean) / deviation);
}

const tails = new Map<string, Float64Array>();

/** Chance of a count of at least u, for each u: how many of the m*n pairs have b above a. */
function tailOf(m: number, n: number): Float64Array {
  const key = `${m} ${n}`;
  const known = tails.get(key);
  if (known) return known;
  // Coefficients of the Gaussian binomial (m+n over n): orders by their count of pairs.
  let ways = new Float64Array(m * n + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++) {
    const next = Float64Array.from(ways);
    for (let u = m * n; u >= m + i; u--) next[u] -= ways[u - m - i];
    for (let u = i; u <= m * n; u++) next[u] += next[u - i];
    ways = next;
  }
  const total = ways.reduce((sum, way) => sum + way, 0);
  const tail = new Float64Array(m * n + 1);
  let sum = 0;
  for (let u = m * n; u >= 0; u--) {
    sum += ways[u];
    tail[u] = sum / total;
  }
  tails.set(key, tail);
  return tail;
}

/** By how much `b` lies above `a`, and the interval that holds it with a confidence of 95%. */
export interface Shift {
  readonly by: number;
  readonly low: number;
  readonly high: number;
}

/** The median of all differences (Hodges & Lehmann 1963), and the interval of shifts that the rank-sum test does not reject at 5%. */
export function shiftOf(a: readonly number[], b: readonly number[]): Shift {
  const differences = new Float64Array(a.length * b.length);
  let at = 0;
  for (const x of a) for (const y of b) differences[at++] = y - x;
  differences.sort();
  const [m, n] = [a.length, b.length];
  const deviation = Math.sqrt((m * n * (m + n + 1)) / 12);
  const cut = Math.floor((m * n) / 2 - normalQuantile(0.975) * deviation);
  const half = differences.length >> 1;
  const middle = differences.length % 2 === 1 ? differences[half] : (differences[half - 1] + differences[half]) / 2;
  const from = Math.max(0, cut);
  return { by: middle, low: differences[from], high: differences[differences.length - 1 - from] };
}
