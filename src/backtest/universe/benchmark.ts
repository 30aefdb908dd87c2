import { type Bars, DAY, MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
import { type Stretch, stretchesOf } from './membership.ts';

/** The benchmark of several symbols. */
interface Held {
  /** Quadratic variation, day by day and minute by minute over the union of the bars. */
  readonly variation: Float64Array;
  /** One unit of cash, day by day. */
  readonly level: Float64Array;
}

interface Known extends Pick<Run, 'from' | 'to' | 'members'> {
  readonly bars: readonly Bars[];
  readonly held: Held;
}

const known = new WeakMap<Bars, Known[]>();
/** Ranges of the same bars that are kept. */
const KEPT = 8;

/**
 * Equal parts of one unit of cash, each put in at its symbol's first open; where members change, equal parts of what there is among those that are
 * members from then on and have bars. It depends on the bars alone, so that simulations over the same bars share it.
 */
export function heldTogether(run: Run): Held {
  const { desks, days, from, to, members } = run;
  const bars = desks.map((desk) => desk.bars);
  const kept = known.get(bars[0]) ?? [];
  known.set(bars[0], kept);
  const before = kept.find(
    (one) =>
      one.from === from &&
      one.to === to &&
      one.members === members &&
      one.bars.length === bars.length &&
      one.bars.every((each, s) => each === bars[s]),
  );
  if (before) return before.held;
  const all = { first: 0, end: days[0].time.length, symbols: [...desks.keys()] };
  const held = vary(bars, days, members ? stretchesOf(run, members) : [all]);
  kept.push({ bars, from, to, members, held });
  if (kept.length > KEPT) kept.shift();
  return held;
}

function vary(bars: readonly Bars[], days: Run['days'], stretches: readonly Stretch[]): Held {
  const variation = new Float64Array(days[0].time.length);
  const levels = new Float64Array(variation.length);
  const changes = new Float64Array(DAY / MINUTE);
  let level = 1;
  for (const { first, end, symbols } of stretches) {
    const firsts = symbols.map((s) => (first === 0 ? days[s].from : days[s].ends[first - 1]));
    const last = symbols.map((s, k) => bars[s].open[firsts[k]]);
    const units = symbols.map((s, k) => (days[s].to > firsts[k] ? level / last[k] / symbols.length : 0));
    for (let d = first; d < end; d++) {
      const start = days[0].time[d];
      changes.fill(0);
      for (let k = 0; k < symbols.length; k++) {
        const { close, time } = bars[symbols[k]];
        const { from, ends } = days[symbols[k]];
        const unit = units[k];
        let before = last[k];
        for (let i = d === 0 ? from : ends[d - 1]; i < ends[d]; i++) {
          changes[(time[i] - start) / MINUTE] += (close[i] - before) * unit;
          before = close[i];
        }
        last[k] = before;
      }
      let [squares, moved] = [0, 0];
      for (const change of changes) {
        squares += change * change;
        moved += change;
      }
      variation[d] = squares / level ** 2;
      level += moved;
      levels[d] = level;
    }
  }
  return { variation, level: levels };
}
