import { playMinute } from '../minute/minute.ts';
import { CLOSE, HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Place } from '../view/view.ts';
import { Foresight } from './foresight.ts';
import { Holdings } from './holdings.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';
import { Together } from './together.ts';

/**
 * Minutes in a row in which all symbols that are left have a bar, each decided on at its close. A symbol is entered only in a minute in which it is
 * due; of the others the closes are added up.
 */
export class Stretch {
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #minutes: Minutes;
  readonly #at: Int32Array;
  readonly #together: Together;
  readonly #foresight: Foresight;
  readonly #tapes: readonly Float64Array[];
  readonly #holdings: Holdings;
  #parts: Int32Array = new Int32Array();
  #count = 0;
  /** The symbols that are due next: the first `#dues`. */
  readonly #due: Int32Array;
  #dues = 0;

  constructor(run: Run, marks: Marks, minutes: Minutes) {
    const { at } = minutes;
    this.#run = run;
    this.#marks = marks;
    this.#minutes = minutes;
    this.#at = at;
    this.#together = new Together(run, marks, minutes);
    this.#foresight = new Foresight(run, marks, at);
    this.#tapes = run.desks.map(({ tape }) => tape);
    this.#holdings = new Holdings(run, marks, minutes, at);
    this.#due = new Int32Array(at.length);
  }

  /** How many minutes from `time` on can be played as a stretch; 0 for none. */
  length(time: number): number {
    return this.#together.length(time);
  }

  /** Plays so many minutes after `length`, from `start` on, epoch ms; up to the ruin of the account. */
  play(start: number, length: number, places: readonly Place[]): void {
    const { parts, count } = this.#together;
    this.#parts = parts;
    this.#count = count;
    this.#holdings.begin(start);
    this.#foresight.begin(length, places);
    for (let i = 0; i < count; i++) {
      this.#marks.fresh[parts[i]] = 0;
      this.#foresight.look(parts[i], 0);
    }
    this.#holdings.see(parts, count);
    const played = this.#playUntil(length, places);
    for (let i = 0; i < count; i++) this.#run.desks[parts[i]].decision = this.#at[parts[i]] + played - 1;
    this.#countDecisions(played);
    for (let i = 0; i < count; i++) this.#minutes.follow(parts[i], length);
  }

  /** Returns how many minutes were played and decided on. */
  #playUntil(length: number, places: readonly Place[]): number {
    const { account } = this.#run;
    // The first minute whose equity is not noted.
    let from = 0;
    for (;;) {
      const due = this.#nextDue(length);
      const j = this.#holdings.quiet(from, due);
      if (j === length) return length;
      if (j < due) {
        this.#enter(j);
        from = j + 1;
      } else {
        from = this.#happen(j);
      }
      if (account.ruined) return j;
      this.#decide(j, places);
    }
  }

  /** The first minute in which a symbol is due, and which are. */
  #nextDue(length: number): number {
    const { until } = this.#foresight;
    const parts = this.#parts;
    let first = length;
    let dues = 0;
    for (let i = 0; i < this.#count; i++) {
      const s = parts[i];
      if (until[s] > first) continue;
      if (until[s] < first) dues = 0;
      first = until[s];
      this.#due[dues++] = s;
    }
    this.#dues = dues;
    return first;
  }

  /** Plays the symbols that are due in minute `j`. Returns the first minute whose equity is not noted. */
  #happen(j: number): number {
    const { desks, account, curve, times } = this.#run;
    const marks = this.#marks;
    const holdings = this.#holdings;
    const { last } = marks;
    if (!holdings.safe()) {
      if (this.#anyTouched(j) || holdings.quiet(j, j + 1) === j) this.#enter(j);
      return j + 1;
    }
    let played = false;
    for (let d = 0; d < this.#dues; d++) {
      const s = this.#due[d];
      if (!this.#touched(s, j)) continue;
      // Those behind it have not closed the minute.
      holdings.closeBefore(s, j);
      const m = this.#at[s] + j;
      desks[s].decision = m - 1;
      playMinute(desks[s], m);
      marks.read(s);
      last[s] = this.#tapes[s][m * STEP + CLOSE];
      played = true;
      if (account.ruined) {
        this.#holdings.clock(j);
        curve.add(0, times, 1);
        return j + 1;
      }
      if (!holdings.safe()) {
        this.#enter(j, s + 1);
        return j + 1;
      }
    }
    if (played) this.#holdings.see(this.#parts, this.#count);
    return j;
  }

  /** Whether something can happen to symbol `s` in minute `j`. */
  #touched(s: number, j: number): boolean {
    const { idle, wake, down, up } = this.#marks;
    if (idle[s] === 1) return false;
    const m = this.#at[s] + j;
    const row = m * STEP;
    return m >= wake[s] || this.#tapes[s][row + LOW] <= down[s] || this.#tapes[s][row + HIGH] >= up[s];
  }

  #anyTouched(j: number): boolean {
    for (let d = 0; d < this.#dues; d++) if (this.#touched(this.#due[d], j)) return true;
    return false;
  }

  /** Plays minute `j` of all symbols from number `first` on; those that something happens to are due as well. */
  #enter(j: number, first = 0): void {
    const { times, variation, account, desks } = this.#run;
    const minutes = this.#minutes;
    const before = minutes.equity;
    this.#holdings.clock(j);
    for (let i = 0; i < this.#count; i++) desks[this.#parts[i]].decision = this.#at[this.#parts[i]] + j - 1;
    minutes.enterTogether(times[1], j, this.#parts, this.#count, first);
    if (account.ruined) return;
    variation.add(minutes.equity - before);
    const { until } = this.#foresight;
    const { fresh } = this.#marks;
    this.#dues = 0;
    for (let i = 0; i < this.#count; i++) {
      const s = this.#parts[i];
      if (until[s] === j || fresh[s] === 1) this.#due[this.#dues++] = s;
    }
    this.#holdings.see(this.#parts, this.#count);
  }

  /** The decisions at the close of minute `j` of the symbols that are due. */
  #decide(j: number, places: readonly Place[]): void {
    const { desks, view, params, warmup } = this.#run;
    const { decide } = this.#run.strategy;
    const { now } = view;
    const marks = this.#marks;
    const at = this.#at;
    const due = this.#due;
    const { held, count } = this.#holdings;
    // What is held may be valued at the bar that it was decided on last.
    for (let i = 0; i < count; i++) desks[held[i]].decision = at[held[i]] + j;
    for (let d = 0; d < this.#dues; d++) {
      const s = due[d];
      const m = at[s] + j;
      desks[s].decision = m;
      if (m + 1 >= warmup) {
        view.show(places[s]);
        decide(now, params);
        if (desks[s].changed) marks.read(s);
      }
      marks.fresh[s] = 0;
      this.#foresight.look(s, j + 1);
    }
  }

  #countDecisions(minutes: number): void {
    const ready = this.#run.warmup - 1;
    for (let i = 0; i < this.#count; i++) {
      const first = this.#at[this.#parts[i]];
      this.#run.decisions += Math.max(0, first + minutes - Math.max(first, ready));
    }
  }
}
