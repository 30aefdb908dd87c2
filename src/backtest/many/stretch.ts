import { playMinute } from '../minute/minute.ts';
import { CLOSE, HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Place } from '../view/view.ts';
import { Foresight } from './foresight.ts';
import { Holdings } from './holdings.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';
import { Tally } from './tally.ts';
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
  readonly #tally: Tally;
  #parts: Int32Array = new Int32Array();
  #count = 0;
  #length = 0;
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
    this.#tally = new Tally(run, marks, minutes);
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
    this.#length = length;
    this.#holdings.begin(start, parts, count);
    this.#foresight.begin(length, places);
    for (let i = 0; i < count; i++) {
      this.#marks.fresh[parts[i]] = 0;
      this.#foresight.look(parts[i], 0);
    }
    const played = this.#playUntil(start, length, places);
    for (let i = 0; i < count; i++) this.#run.desks[parts[i]].decision = this.#at[parts[i]] + played - 1;
    this.#countDecisions(played);
    for (let i = 0; i < count; i++) this.#minutes.follow(parts[i], length);
  }

  /** Returns how many minutes were played and decided on. */
  #playUntil(start: number, length: number, places: readonly Place[]): number {
    const { account } = this.#run;
    const holdings = this.#holdings;
    const tally = this.#tally;
    // The first minute whose equity is not noted where nobody tallies.
    let from = 0;
    for (;;) {
      let j = this.#nextDue(length);
      if (holdings.safe()) {
        if (!tally.open) tally.begin(start, from);
        if (j < length) this.#happen(j);
        else tally.close(length);
      } else {
        if (from === 0) holdings.see();
        j = this.#risk(from, j);
      }
      if (j === length) {
        holdings.close(length);
        return length;
      }
      from = j + 1;
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

  /** Plays the symbols that are due in minute `j`, as long as prices cannot use the account up. */
  #happen(j: number): void {
    const { desks, account, curve, times } = this.#run;
    const marks = this.#marks;
    const holdings = this.#holdings;
    for (let d = 0; d < this.#dues; d++) {
      const s = this.#due[d];
      if (!this.#touched(s, j)) continue;
      // Those behind it have not closed the minute.
      holdings.fallBehind(j, s);
      const m = this.#at[s] + j;
      desks[s].decision = m - 1;
      playMinute(desks[s], m);
      account.behind = undefined;
      marks.read(s);
      const safe = holdings.safe();
      if (!safe) holdings.close(j, s);
      marks.last[s] = this.#tapes[s][m * STEP + CLOSE];
      this.#tally.note(s, j);
      if (safe && !account.ruined) continue;
      this.#tally.close(j);
      if (account.ruined) {
        holdings.clock(j);
        curve.add(0, times, 1);
      } else {
        this.#enter(j, s + 1);
      }
      return;
    }
  }

  /** Minutes from `from` on to `due`, in which prices could use the account up. Returns the last that was played; the length of the stretch for all. */
  #risk(from: number, due: number): number {
    const holdings = this.#holdings;
    const j = holdings.quiet(from, due);
    if (j === due && j < this.#length && !this.#anyTouched(j) && holdings.quiet(j, j + 1) > j) return j;
    if (j < this.#length) this.#enter(j);
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
    this.#holdings.see();
  }

  /** The decisions at the close of minute `j` of the symbols that are due. */
  #decide(j: number, places: readonly Place[]): void {
    const { desks, view, params, warmup, account } = this.#run;
    const { decide } = this.#run.strategy;
    const { now } = view;
    const marks = this.#marks;
    const at = this.#at;
    const due = this.#due;
    this.#holdings.decide(j);
    account.valued = this.#holdings;
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
    account.valued = undefined;
  }

  #countDecisions(minutes: number): void {
    const ready = this.#run.warmup - 1;
    for (let i = 0; i < this.#count; i++) {
      const first = this.#at[this.#parts[i]];
      this.#run.decisions += Math.max(0, first + minutes - Math.max(first, ready));
    }
  }
}
