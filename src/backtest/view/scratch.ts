import type { Bars } from '../../market/bars.ts';
import { STEP, type Tape, writeTape } from '../minute/tape.ts';

/**
 * Memory for an altered copy of some bars and what the engine derives of them, lent to one audit after the other: new memory is dearer than
 * what is written into it.
 */
export interface Scratch {
  readonly columns: Record<(typeof COLUMNS)[number], Float64Array>;
  /** See writeTape. */
  readonly tape: Float64Array;
  /** Whether the bars themselves have been written on the tape: not before it is asked for, because most runs read none. */
  taped: boolean;
  /** See squaredChanges. */
  readonly squares: Float64Array;
  /** Rows in which columns and tape are not those of the bars; what lies behind the bars counts for nothing. */
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

/** Writes the bars themselves over all that is not theirs. */
export function restore(scratch: Scratch, bars: Bars): void {
  const { columns, tape, taped, dirty } = scratch;
  const to = Math.min(dirty.to, bars.length);
  for (const name of COLUMNS) columns[name].set(bars[name].subarray(dirty.from, to), dirty.from);
  if (taped) writeTape(tape, bars, dirty.from, to);
  noteWritten(scratch, 0, 0);
}

/** A tape in lent memory: the bars themselves, and once it is asked for what `change` writes over them. Valid until the next restore. */
export function lentTape(scratch: Scratch, bars: Bars, change: (tape: Float64Array) => void): Tape {
  let changed = false;
  return {
    with() {
      const tape = ownTape(scratch, bars);
      if (!changed) change(tape);
      changed = true;
      return tape;
    },
  };
}

/** The tape with the bars themselves on it; what has been written on it since stays. */
function ownTape(scratch: Scratch, bars: Bars): Float64Array {
  if (!scratch.taped) writeTape(scratch.tape, bars, 0, bars.length);
  scratch.taped = true;
  return scratch.tape;
}

/** Makes the memory of these bars ready to be written at once; `taped`: their tape too. */
export function touch(all: readonly Bars[], more: number, taped: boolean): void {
  for (const [i, scratch] of scratchesOf(all, more).entries()) {
    restore(scratch, all[i]);
    scratch.taped = false;
    if (taped) scratch.tape.fill(0);
    scratch.squares.fill(0);
  }
}

function scratchFor(bars: Bars, rows: number): Scratch {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(rows)])) as Scratch['columns'];
  const dirty = { from: 0, to: bars.length };
  const [tape, squares] = [new Float64Array(rows * STEP), new Float64Array(rows + 1)];
  return { columns, tape, taped: false, squares, dirty, holds: undefined };
}
