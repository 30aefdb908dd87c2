import type { Bars } from '../../market/bars.ts';
import { STEP } from '../minute/tape.ts';

/**
 * Memory for an altered copy of some bars and what the engine derives of them, lent to one audit after the other: new memory is dearer than
 * what is written into it.
 */
export interface Scratch {
  readonly columns: Record<(typeof COLUMNS)[number], Float64Array>;
  /** See makeTape. */
  readonly tape: Float64Array;
  /** See squaredChanges. */
  readonly squares: Float64Array;
  /** Rows in which the columns are not those of the bars; what lies behind the bars counts for nothing. */
  dirty: { readonly from: number; readonly to: number };
  /** What was written last, for a borrower that comes again; see noteWritten. */
  holds: object | undefined;
}

export const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

const kept = new WeakMap<Bars, Scratch>();

/**
 * One for each of these, with `more` rows behind the last bar. Who asks again for the same bars is lent the same memory, so that what an audit or a
 * surrogate has written is gone with the next.
 */
export function scratchesOf(all: readonly Bars[], more: number): Scratch[] {
  return all.map((bars) => {
    const before = kept.get(bars);
    if (before && before.columns.time.length >= bars.length + more) return before;
    const made = scratchFor(bars, bars.length + more);
    kept.set(bars, made);
    return made;
  });
}

/** Notes the rows that are not those of the bars from now on, and what they are: `holds` tells a borrower later whether that is still there. */
export function noteWritten(scratch: Scratch, from: number, to: number, holds?: object): void {
  scratch.dirty = { from, to };
  scratch.holds = holds;
}

/** Writes the bars themselves into all that is not theirs. */
export function restore({ columns, dirty }: Scratch, bars: Bars): void {
  const to = Math.min(dirty.to, bars.length);
  for (const name of COLUMNS) columns[name].set(bars[name].subarray(dirty.from, to), dirty.from);
}

/** Makes the memory of these bars ready to be written at once. */
export function touch(all: readonly Bars[], more: number): void {
  for (const [i, scratch] of scratchesOf(all, more).entries()) {
    restore(scratch, all[i]);
    noteWritten(scratch, 0, 0);
    scratch.tape.fill(0);
    scratch.squares.fill(0);
  }
}

function scratchFor(bars: Bars, rows: number): Scratch {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(rows)])) as Scratch['columns'];
  const dirty = { from: 0, to: bars.length };
  return { columns, tape: new Float64Array(rows * STEP), squares: new Float64Array(rows + 1), dirty, holds: undefined };
}
