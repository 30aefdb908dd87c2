import { MINUTE } from '../../market/bars.ts';
import type { Marks } from '../many/marks.ts';
import type { Run } from '../run.ts';
import type { Worth } from './worth.ts';

/** The equity of a universe from minute to minute. */
export class Equity {
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #worth: Worth;
  /** Times of minutes, behind that of the minute before. */
  readonly #times: Float64Array;
  /** That of the last minute noted. */
  #before = Number.NaN;

  /** `minutes`: of the longest block. */
  constructor(run: Run, marks: Marks, worth: Worth, minutes: number) {
    this.#run = run;
    this.#marks = marks;
    this.#worth = worth;
    this.#times = new Float64Array(minutes + 1).fill(run.from);
    this.#before = run.account.cash;
  }

  /** Cash and positions at the last prices. */
  now(): number {
    const { position, last } = this.#marks;
    let sum = this.#run.account.cash;
    for (let s = 0; s < position.length; s++) if (position[s] !== 0) sum += position[s] * last[s];
    return sum;
  }

  /** Notes the minute at `time`, in which orders may have filled. */
  note(time: number, equity: number): void {
    const run = this.#run;
    run.bars += 1;
    if (this.#marks.held()) run.barsInPosition += 1;
    this.#times[1] = time;
    this.#step(equity, 1);
    this.#times[0] = time;
  }

  /** Notes the minutes from `start` on, in minutes of UTC time, that are measured: positions stay as they are. */
  noteMeasured(start: number, length: number): void {
    const run = this.#run;
    const times = this.#times;
    const { cash } = run.account;
    const held = this.#marks.held();
    const { values, present, all } = this.#worth;
    let count = 0;
    for (let j = 0; j < length; j++) {
      if (!all && present[j] === 0) continue;
      count += 1;
      times[count] = (start + j) * MINUTE;
      if (held) this.#step(cash + values[j], count);
    }
    run.bars += count;
    if (held) run.barsInPosition += count;
    else this.#step(cash, count);
    times[0] = times[count];
  }

  /** Counts what is held now as held for so many minutes. */
  expose(minutes: number): void {
    const { desks } = this.#run;
    const { position, last } = this.#marks;
    const equity = this.now();
    let gross = 0;
    for (let s = 0; s < position.length; s++) {
      if (position[s] === 0) continue;
      const value = Math.abs(position[s] * last[s]);
      gross += value;
      desks[s].exposure += (value * minutes) / equity;
    }
    if (gross > 0) this.#run.exposure += (gross * minutes) / equity;
  }

  /** The equity at the close of minute `i` of the times. */
  #step(equity: number, i: number): void {
    const { curve, variation } = this.#run;
    const change = equity - this.#before;
    if (change !== 0) variation.add(change);
    this.#before = equity;
    if (equity < curve.quietAbove() || equity >= curve.peak) curve.add(equity, this.#times, i);
  }
}
