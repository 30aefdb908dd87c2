import type { Random } from '../../base/random.ts';
import { autocorrelation } from './serial.ts';

/**
 * Row numbers of one stationary bootstrap sample (Politis & Romano 1994): blocks of geometric length with the given
 * mean, wrapping at the end. ONE index serves every strategy of a comparison, so that their dependence survives.
 */
export function stationaryIndex(count: number, meanBlock: number, random: Random): Int32Array {
  const index = new Int32Array(count);
  const restart = 1 / Math.max(1, meanBlock);
  for (let i = 0; i < count; i++) {
    index[i] = i === 0 || random() < restart ? Math.floor(random() * count) : (index[i - 1] + 1) % count;
  }
  return index;
}

/**
 * Mean block length for the stationary bootstrap: Politis & White (2004) with the correction of Patton, Politis & White
 * (2009). In periods, at least 1, at most ceil(min(3 sqrt(n), n / 3)). 1 for a constant column. The last lag that counts is
 * taken as in Patton's own code, R's np (b.star) and Python's arch: the FIRST of the insignificant run, one more than the paper's words.
 */
export function blockLength(values: ArrayLike<number>): number {
  const n = values.length;
  const quiet = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const furthest = Math.ceil(Math.sqrt(n)) + quiet;
  const limit = 2 * Math.sqrt(Math.log10(n) / n);
  const rho = Array.from({ length: furthest + 1 }, (_, lag) => (lag === 0 ? 1 : autocorrelation(values, lag)));
  if (rho.some(Number.isNaN)) return 1;
  // The smallest lag from which `quiet` autocorrelations in a row are insignificant.
  let last = 1;
  while (last <= furthest - quiet && !rho.slice(last, last + quiet).every((value) => Math.abs(value) < limit))
    last += 1;
  const reach = Math.min(2 * last, furthest);
  let g = 0;
  let spectrum = 1;
  for (let lag = 1; lag <= reach; lag++) {
    const weight = flatTop(lag / reach);
    g += 2 * weight * lag * rho[lag];
    spectrum += 2 * weight * rho[lag];
  }
  const length = ((2 * g * g) / (2 * spectrum * spectrum)) ** (1 / 3) * n ** (1 / 3);
  return Math.max(1, Math.min(length, Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))));
}

function flatTop(x: number): number {
  return x <= 0.5 ? 1 : 2 * (1 - x);
}
