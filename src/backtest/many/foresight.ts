import { HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Place } from '../view/view.ts';
import type { Marks } from './marks.ts';

/** So many calls ahead must have been in vain before it is judged whether they pay. */
const TRIES = 256;

/**
 * How long each symbol of a stretch can be left alone: until something can happen to it in a minute, or decide() asks for something at its close. Where
 * decide() keeps nothing, its answers at a symbol that nothing happens to owe nothing to the other symbols. So it is called symbol by symbol ahead
 * of time, over columns that are read in a row; where it asks for something or looks at the account, the answer is thrown away, and it is called
 * again when its time has come.
 */
export class Foresight {
  /** First minute of the stretch that is not known to be a quiet one, of each symbol. */
  readonly until: Int32Array;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #at: Int32Array;
  #length = 0;
  /** Whether decide() keeps nothing. */
  #able = false;
  #places: readonly Place[] = [];
  /** Calls that were thrown away, and minutes that need none any more. */
  #vain = 0;
  #gained = 0;

  /** `at`: first minute of each symbol in the stretch. */
  constructor(run: Run, marks: Marks, at: Int32Array) {
    this.#run = run;
    this.#marks = marks;
    this.#at = at;
    this.until = new Int32Array(at.length);
  }

  /** Begins a stretch of so many minutes. */
  begin(length: number, places: readonly Place[]): void {
    this.#length = length;
    this.#able = this.#run.strategy.stateless === true;
    this.#places = places;
  }

  /** Looks ahead at symbol `s` from minute `j` of the stretch on, after its last bar has been decided on. */
  look(s: number, j: number): void {
    const { idle, wake } = this.#marks;
    const first = this.#at[s] + j;
    const ready = this.#run.warmup - 1;
    if (!this.#able && first >= ready) {
      this.until[s] = j;
      return;
    }
    const end = this.#at[s] + this.#length;
    let m = first;
    if (idle[s] === 1 && m < ready) m = ready < end ? ready : end;
    const stop = idle[s] === 1 || wake[s] > end ? end : wake[s];
    if (m < stop && this.#pays()) m = this.#ahead(s, m, stop);
    this.until[s] = m - this.#at[s];
  }

  #pays(): boolean {
    return this.#able && (this.#vain < TRIES || this.#gained > this.#vain);
  }

  /** The first minute from `first` to `stop` in which a price of symbol `s` is reached or decide() asks for something. */
  #ahead(s: number, first: number, stop: number): number {
    const { params, view, warmup } = this.#run;
    const { decide } = this.#run.strategy;
    const { now, cursor, ahead } = view;
    const desk = this.#run.desks[s];
    const { tape, decision } = desk;
    // What is idle has no prices to watch: its tape stays out of the cache.
    const busy = this.#marks.idle[s] === 0;
    const down = this.#marks.down[s];
    const up = this.#marks.up[s];
    view.show(this.#places[s]);
    ahead.on = true;
    ahead.asked = 0;
    let m = first;
    try {
      for (; m < stop; m++) {
        const row = m * STEP;
        if (busy && (tape[row + LOW] <= down || tape[row + HIGH] >= up)) break;
        if (m < warmup - 1) continue;
        desk.decision = m;
        cursor.index = m;
        decide(now, params);
        if (ahead.asked > 0) break;
      }
    } catch {
      // It fails again when its time has come.
      ahead.asked = 1;
    }
    ahead.on = false;
    desk.decision = decision;
    this.#gained += m - first;
    this.#vain += ahead.asked > 0 ? 1 : 0;
    return m;
  }
}
