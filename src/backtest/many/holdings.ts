import { MINUTE } from '../../market/bars.ts';
import { HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';
import { ROUNDING } from './worst.ts';

/** What is held in a stretch of minutes, and the equity while it stays as it is. */
export class Holdings {
  /** The symbols that are held: the first `count`. */
  readonly held: Int32Array;
  count = 0;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #minutes: Minutes;
  readonly #at: Int32Array;
  readonly #tapes: readonly Float64Array[];
  readonly #closes: readonly Float64Array[];
  #start = 0;

  /** `at`: first minute of each symbol in the stretch. */
  constructor(run: Run, marks: Marks, minutes: Minutes, at: Int32Array) {
    this.#run = run;
    this.#marks = marks;
    this.#minutes = minutes;
    this.#at = at;
    this.#tapes = run.desks.map(({ tape }) => tape);
    this.#closes = run.desks.map(({ bars }) => bars.close);
    this.held = new Int32Array(at.length);
  }

  /** Begins a stretch at `start`, epoch ms. */
  begin(start: number): void {
    this.#start = start;
  }

  /** Sees which symbols are held now. */
  see(parts: Int32Array, among: number): void {
    const { position } = this.#marks;
    let count = 0;
    for (let i = 0; i < among; i++) if (position[parts[i]] !== 0) this.held[count++] = parts[i];
    this.count = count;
  }

  /** What is paid for is worth something at any price. */
  safe(): boolean {
    return this.#run.account.cash > 0 && this.#marks.shorts === 0;
  }

  /**
   * Minutes from `from` to before `until` in which only the equity moves. Returns the first that has to be entered, because the worst prices
   * together could use the account up; `until` for none.
   */
  quiet(from: number, until: number): number {
    const run = this.#run;
    const { curve, variation, times } = run;
    const { cash } = run.account;
    const { position } = this.#marks;
    const at = this.#at;
    const closes = this.#closes;
    const { held } = this;
    const holds = this.count;
    const safe = this.safe();
    let before = this.#minutes.equity;
    let deepest = curve.quietAbove();
    let { peak } = curve;
    let { exposure } = run;
    let inPosition = 0;
    let j = from;
    for (; j < until; j++) {
      let equity = cash;
      let gross = 0;
      for (let i = 0; i < holds; i++) {
        const s = held[i];
        const value = position[s] * closes[s][at[s] + j];
        equity += value;
        gross += value < 0 ? -value : value;
      }
      if (!safe && !(this.#worst(j) > ROUNDING * gross)) break;
      times[0] = times[1];
      times[1] = this.#start + j * MINUTE;
      variation.add(equity - before);
      before = equity;
      if (equity < deepest || equity >= peak) {
        curve.add(equity, times, 1);
        deepest = curve.quietAbove();
        peak = curve.peak;
      }
      if (gross > 0) inPosition += 1;
      exposure += gross / equity;
    }
    run.exposure = exposure;
    run.bars += j - from;
    run.barsInPosition += inPosition;
    this.#minutes.equity = before;
    if (j > from) this.closeBefore(at.length, j - 1);
    return j;
  }

  /** Minute `j` is the one being played. */
  clock(j: number): void {
    const { times } = this.#run;
    times[0] = times[1];
    times[1] = this.#start + j * MINUTE;
  }

  /** Symbols before number `s` have closed minute `j`. */
  closeBefore(s: number, j: number): void {
    const { last } = this.#marks;
    for (let i = 0; i < this.count && this.held[i] < s; i++) {
      const h = this.held[i];
      last[h] = this.#closes[h][this.#at[h] + j];
    }
  }

  /** Cash and positions at their worst prices of minute `j` and the close before it. */
  #worst(j: number): number {
    const { position, last } = this.#marks;
    let worst = this.#run.account.cash;
    for (let i = 0; i < this.count; i++) {
      const s = this.held[i];
      const m = this.#at[s] + j;
      const row = m * STEP;
      const units = position[s];
      const before = j > 0 ? this.#closes[s][m - 1] : last[s];
      if (units > 0) worst += units * Math.min(this.#tapes[s][row + LOW], before);
      else worst += units * Math.max(this.#tapes[s][row + HIGH], before);
    }
    return worst;
  }
}
