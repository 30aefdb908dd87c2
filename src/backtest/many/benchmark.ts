import type { Bars } from '../../market/bars.ts';
import type { Run } from '../run.ts';

interface Known {
  readonly bars: readonly Bars[];
  readonly from: number;
  readonly to: number;
  readonly variation: Float64Array;
}

const known = new WeakMap<Bars, Known[]>();

/**
 * Quadratic variation of the benchmark of several symbols, day by day and minute by minute over the union of their bars: equal parts of one
 * unit of cash, each put in at its symbol's first open. Bars alone decide it, so that simulations over the same ones share it.
 */
export function heldApart({ desks, days, from, to }: Run): Float64Array {
  const bars = desks.map((desk) => desk.bars);
  const kept = known.get(bars[0]) ?? [];
  known.set(bars[0], kept);
  const same = (one: Known) => one.from === from && one.to === to && one.bars.every((each, s) => each === bars[s]);
  const before = kept.find((one) => one.bars.length === bars.length && same(one));
  if (before) return before.variation;
  const variation = vary(bars, days);
  kept.push({ bars, from, to, variation });
  if (kept.length > KEPT) kept.shift();
  return variation;
}

/** Ranges of the same bars that are kept. */
const KEPT = 8;

function vary(bars: readonly Bars[], days: Run['days']): Float64Array {
  const variation = new Float64Array(days[0].time.length);
  const units = bars.map(({ open }, s) => 1 / open[days[s].from] / bars.length);
  const at = Int32Array.from(days, ({ from }) => from);
  const last = new Float64Array(bars.length);
  let [before, start] = [1, 1];
  for (let d = 0; d < variation.length; d++) {
    let sum = 0;
    for (;;) {
      let time = Infinity;
      for (let s = 0; s < at.length; s++) {
        if (at[s] < days[s].ends[d] && bars[s].time[at[s]] < time) time = bars[s].time[at[s]];
      }
      if (time === Infinity) break;
      let level = 0;
      for (let s = 0; s < at.length; s++) {
        if (at[s] < days[s].to && bars[s].time[at[s]] === time) {
          last[s] = bars[s].close[at[s]];
          at[s] += 1;
        }
        level += last[s] > 0 ? last[s] * units[s] : 1 / at.length;
      }
      sum += (level - before) ** 2;
      before = level;
    }
    variation[d] = sum / start ** 2;
    start = before;
  }
  return variation;
}
