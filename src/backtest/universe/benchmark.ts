import { type Bars, DAY, MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';

const known = new WeakMap<Bars, Map<string, Float64Array>>();

/**
 * Quadratic variation of the benchmark of several symbols, day by day: equal parts of one unit of cash, each put in at its symbol's
 * first open. It depends on the bars alone, so that simulations over the same bars share it.
 */
export function heldTogether({ desks, days, from, to }: Run): Float64Array {
  const [{ bars }] = desks;
  const kept = known.get(bars) ?? new Map<string, Float64Array>();
  known.set(bars, kept);
  const key = `${from} ${to} ${desks.map(({ symbol }) => symbol)}`;
  const variation =
    kept.get(key) ??
    vary(
      desks.map((desk) => desk.bars),
      days,
    );
  kept.set(key, variation);
  return variation;
}

function vary(bars: readonly Bars[], days: Run['days']): Float64Array {
  const variation = new Float64Array(days[0].time.length);
  const units = bars.map(({ open }, s) => (days[s].to > days[s].from ? 1 / open[days[s].from] / bars.length : 0));
  const changes = new Float64Array(DAY / MINUTE);
  const last = bars.map(({ open }, s) => open[days[s].from]);
  let level = 1;
  for (let d = 0; d < variation.length; d++) {
    const start = days[0].time[d];
    changes.fill(0);
    for (let s = 0; s < bars.length; s++) {
      const { close, time } = bars[s];
      const { from, ends } = days[s];
      const unit = units[s];
      let before = last[s];
      for (let i = d === 0 ? from : ends[d - 1]; i < ends[d]; i++) {
        changes[(time[i] - start) / MINUTE] += (close[i] - before) * unit;
        before = close[i];
      }
      last[s] = before;
    }
    let [squares, moved] = [0, 0];
    for (const change of changes) {
      squares += change * change;
      moved += change;
    }
    variation[d] = squares / level ** 2;
    level += moved;
  }
  return variation;
}
