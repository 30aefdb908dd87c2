import type { Random } from '../../base/random.ts';
import { blockLength, stationaryIndex } from './bootstrap.ts';
import { momentsOf } from './moments.ts';

/**
 * Romano & Wolf (2005) step-down p-values, one a strategy, for "its mean return is 0 or less", family-wise: studentised
 * means, stationary bootstrap with one shared index, centred at the sample means. `columns` holds one series of returns a
 * strategy, all of one length. A constant column gets p = 1.
 */
export function stepDownPValues(
  columns: readonly ArrayLike<number>[],
  options: { readonly draws: number; readonly random: Random; readonly meanBlock?: number },
): number[] {
  const count = columns[0]?.length ?? 0;
  const moments = columns.map(momentsOf);
  const observed = moments.map(({ mean, deviation }) => studentised(mean, deviation, count));
  const meanBlock = options.meanBlock ?? Math.max(1, ...columns.map(blockLength));
  const order = observed.map((_, n) => n).sort((a, b) => observed[b] - observed[a]);
  const exceeded = new Int32Array(columns.length);
  for (let draw = 0; draw < options.draws; draw++) {
    const index = stationaryIndex(count, meanBlock, options.random);
    let highest = Number.NEGATIVE_INFINITY;
    // From the weakest up: the running maximum is over the strategies not yet rejected at each step.
    for (let k = order.length - 1; k >= 0; k--) {
      const n = order[k];
      let sum = 0;
      for (let i = 0; i < count; i++) sum += columns[n][index[i]];
      highest = Math.max(highest, studentised(sum / count - moments[n].mean, moments[n].deviation, count));
      if (highest >= observed[n]) exceeded[n] += 1;
    }
  }
  const p = new Array<number>(columns.length);
  let floor = 0;
  for (const n of order) {
    floor = Math.max(floor, (exceeded[n] + 1) / (options.draws + 1));
    p[n] = Number.isFinite(observed[n]) ? floor : 1;
  }
  return p;
}

function studentised(mean: number, deviation: number, count: number): number {
  return deviation > 0 ? (mean / deviation) * Math.sqrt(count) : Number.NEGATIVE_INFINITY;
}
