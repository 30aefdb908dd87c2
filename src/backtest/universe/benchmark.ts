import { type Bars, DAY, MINUTE } from '../../market/bars.ts';
import { firstAtOrAfter } from '../minute/times.ts';
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
 * Equal parts of one unit of cash, each put in at its symbol's first open. Of a set it is all in the members that have begun and not ended, shared out
 * anew when a member enters or leaves, or has its first or last bar. It depends on the bars alone, so that simulations over the same bars share it.
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
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, symbols: [...desks.keys()] };
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
  let k = 0;
  let parts = shareOut(level, stretches[k], bars, days);
  for (let d = 0; d < levels.length; d++) {
    const start = days[0].time[d];
    const end = start + DAY;
    const before = level;
    changes.fill(0);
    for (let to = start; to < end; ) {
      to = Math.min(stretches[k].to, end);
      for (const part of parts) {
        const { own, symbol } = part;
        hold(part, to === end ? symbol.ends[d] : Math.min(symbol.to, firstAtOrAfter(own, to)), start, changes);
      }
      let moved = 0;
      for (const change of changes) moved += change;
      level = before + moved;
      if (stretches[k].to <= end) parts = shareOut(level, stretches[++k], bars, days);
    }
    let squares = 0;
    for (const change of changes) squares += change * change;
    variation[d] = squares / before ** 2;
    levels[d] = level;
  }
  return { variation, level: levels };
}

/** What the benchmark holds of a symbol. */
interface Part {
  readonly own: Bars;
  readonly symbol: Run['days'][number];
  readonly units: number;
  /** First bar that is not added up, and the price before it. */
  at: number;
  last: number;
}

/** Equal parts of `level`, each put in at its symbol's first open of the stretch. */
function shareOut(level: number, { from, symbols }: Stretch, bars: readonly Bars[], days: Run['days']): Part[] {
  return symbols.map((s) => {
    const at = Math.max(days[s].from, firstAtOrAfter(bars[s], from));
    const last = bars[s].open[at];
    return { own: bars[s], symbol: days[s], units: at < days[s].to ? level / last / symbols.length : 0, at, last };
  });
}

/** Adds what a part gains up to bar `end` to the `changes` of the minutes of the day that begins at `start`. */
function hold(part: Part, end: number, start: number, changes: Float64Array): void {
  const { units, at } = part;
  const { close, time } = part.own;
  let before = part.last;
  for (let i = at; i < end; i++) {
    changes[(time[i] - start) / MINUTE] += (close[i] - before) * units;
    before = close[i];
  }
  part.last = before;
  if (end > at) part.at = end;
}
