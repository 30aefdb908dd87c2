import type { Run } from '../run.ts';
import { follow, Worths } from './follow.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';

/**
 * The equity of minutes in which all that is held is paid for, so that no price can use the account up and nobody has to know it at once. What is
 * held is noted where it changes, and added up later, symbol by symbol: columns that are read in a row do not wait for memory.
 */
export class Tally {
  /** Whether minutes are being counted. */
  open = false;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #minutes: Minutes;
  readonly #closes: readonly Float64Array[];
  readonly #worths = new Worths();
  /** Of each symbol: base units, and since which minute. */
  readonly #units: Float64Array;
  readonly #since: Int32Array;
  /** What was held before, symbol by symbol: units, first minute, the minute after the last, in threes. */
  readonly #past: readonly number[][];
  #start = Number.NaN;
  #from = 0;
  #cash = Number.NaN;
  #cashSince = 0;

  constructor(run: Run, marks: Marks, minutes: Minutes) {
    this.#run = run;
    this.#marks = marks;
    this.#minutes = minutes;
    this.#closes = run.desks.map(({ bars }) => bars.close);
    this.#units = new Float64Array(run.desks.length);
    this.#since = new Int32Array(run.desks.length);
    this.#past = run.desks.map(() => []);
  }

  /** Counts from minute `j` on of a stretch that begins at `start`, epoch ms. */
  begin(start: number, j: number): void {
    this.open = true;
    this.#start = start;
    this.#from = j;
    this.#cash = this.#run.account.cash;
    this.#cashSince = j;
    this.#units.set(this.#marks.position);
    this.#since.fill(j);
  }

  /** Symbol `s` has been played in minute `j`. */
  note(s: number, j: number): void {
    const { cash } = this.#run.account;
    if (cash !== this.#cash) {
      const { equity } = this.#worths;
      // Mostly a few minutes: a call would take longer.
      for (let i = this.#cashSince; i < j; i++) equity[i] = this.#cash;
      this.#cash = cash;
      this.#cashSince = j;
    }
    const units = this.#marks.position[s];
    const before = this.#units[s];
    if (units === before) return;
    if (before !== 0 && this.#since[s] < j) this.#past[s].push(before, this.#since[s], j);
    this.#units[s] = units;
    this.#since[s] = j;
  }

  /** Adds up the minutes before minute `until` and ends. */
  close(until: number): void {
    const units = this.#units;
    const { at } = this.#minutes;
    const { equity, gross } = this.#worths;
    this.open = false;
    equity.fill(this.#cash, this.#cashSince, until);
    gross.fill(0, this.#from, until);
    for (let s = 0; s < units.length; s++) {
      const past = this.#past[s];
      for (let i = 0; i < past.length; i += 3) this.#add(past[i], this.#closes[s], at[s], past[i + 1], past[i + 2]);
      past.length = 0;
      if (units[s] !== 0) this.#add(units[s], this.#closes[s], at[s], this.#since[s], until);
    }
    follow(this.#run, this.#minutes, this.#worths, { start: this.#start, from: this.#from, until });
  }

  #add(units: number, closes: Float64Array, at: number, from: number, until: number): void {
    const { equity, gross } = this.#worths;
    for (let j = from; j < until; j++) {
      const value = units * closes[at + j];
      equity[j] += value;
      gross[j] += value;
    }
  }
}
