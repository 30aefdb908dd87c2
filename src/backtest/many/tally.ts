import { DAY, MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
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
  /** Of each minute of the stretch: the equity, and what the positions are worth. */
  readonly #equity = new Float64Array(DAY / MINUTE);
  readonly #gross = new Float64Array(DAY / MINUTE);
  /** Of each symbol: base units, and since which minute. */
  readonly #units: Float64Array;
  readonly #since: Int32Array;
  /** What was held before, symbol by symbol: units, first minute, the minute after the last, in threes. */
  readonly #past: readonly number[][];
  #start = 0;
  #from = 0;
  #cash = 0;
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
      // Mostly a few minutes: a call would take longer.
      for (let i = this.#cashSince; i < j; i++) this.#equity[i] = this.#cash;
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
    this.open = false;
    this.#equity.fill(this.#cash, this.#cashSince, until);
    this.#gross.fill(0, this.#from, until);
    for (let s = 0; s < units.length; s++) {
      const past = this.#past[s];
      for (let i = 0; i < past.length; i += 3) this.#add(past[i], this.#closes[s], at[s], past[i + 1], past[i + 2]);
      past.length = 0;
      if (units[s] !== 0) this.#add(units[s], this.#closes[s], at[s], this.#since[s], until);
    }
    this.#follow(until);
  }

  #add(units: number, closes: Float64Array, at: number, from: number, until: number): void {
    const equity = this.#equity;
    const gross = this.#gross;
    for (let j = from; j < until; j++) {
      const value = units * closes[at + j];
      equity[j] += value;
      gross[j] += value;
    }
  }

  /** Takes the equity minute by minute. */
  #follow(until: number): void {
    const run = this.#run;
    const { curve, variation, times } = run;
    const equities = this.#equity;
    const grosses = this.#gross;
    let before = this.#minutes.equity;
    let deepest = curve.quietAbove();
    let { peak } = curve;
    let { exposure } = run;
    let inPosition = 0;
    for (let j = this.#from; j < until; j++) {
      const equity = equities[j];
      times[0] = times[1];
      times[1] = this.#start + j * MINUTE;
      variation.add(equity - before);
      before = equity;
      if (equity < deepest || equity >= peak) {
        curve.add(equity, times, 1);
        deepest = curve.quietAbove();
        peak = curve.peak;
      }
      if (grosses[j] > 0) inPosition += 1;
      exposure += grosses[j] / equity;
    }
    run.exposure = exposure;
    run.bars += until - this.#from;
    run.barsInPosition += inPosition;
    this.#minutes.equity = before;
  }
}
