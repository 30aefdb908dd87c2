import type { Bars } from '../../market/bars.ts';
import { STEP } from '../minute/tape.ts';

export type PriceColumns = Pick<Bars, 'open' | 'high' | 'low' | 'close' | 'volume'>;

/** Rows behind the last bar that an audit may invent: 25 days of minutes. */
export const SPARE_ROWS = 36_000;

/**
 * Memory for a market that is made of some bars and what the engine derives of it, lent to one audit or surrogate after the other: new memory is
 * dearer than what is written into it. Each part is had when it is asked for.
 */
export class Scratch {
  /** What was written last, for a borrower that comes again. */
  holds: object | undefined;
  readonly #rows: number;
  #columns: PriceColumns | undefined;
  #tape: Float64Array | undefined;
  #squares: Float64Array | undefined;

  constructor(rows: number) {
    this.#rows = rows;
  }

  get columns(): PriceColumns {
    const column = () => new Float64Array(this.#rows);
    this.#columns ??= { open: column(), high: column(), low: column(), close: column(), volume: column() };
    return this.#columns;
  }

  /** See writeTape. */
  get tape(): Float64Array {
    this.#tape ??= new Float64Array(this.#rows * STEP);
    return this.#tape;
  }

  /** See squaredChanges; with SPARE_ROWS behind the last bar. */
  get squares(): Float64Array {
    this.#squares ??= new Float64Array(this.#rows + SPARE_ROWS + 1);
    return this.#squares;
  }
}

const kept = new WeakMap<Bars, Scratch>();

/** That of these bars. Who asks again is lent the same memory, so that what a borrower has written is gone with the next: `holds` says whose it is. */
export function scratchOf(bars: Bars, holds?: object): Scratch {
  const scratch = kept.get(bars) ?? new Scratch(bars.length);
  kept.set(bars, scratch);
  scratch.holds = holds;
  return scratch;
}

/** Whether what was written for these bars is there yet. */
export function isHeld(bars: Bars, holds: object): boolean {
  return kept.get(bars)?.holds === holds;
}

/** Makes the memory of these bars ready to be written at once; `taped`: their tape too. */
export function touch(all: readonly Bars[], taped: boolean): void {
  for (const bars of all) {
    const scratch = scratchOf(bars);
    for (const column of Object.values(scratch.columns)) column.fill(0);
    scratch.squares.fill(0);
    if (taped) scratch.tape.fill(0);
  }
}
