import { MINUTE } from '../../market/bars.ts';
import { HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Place } from '../view/view.ts';
import { Foresight } from './foresight.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';
import { ROUNDING } from './worst.ts';

/** Minutes in a row in which all symbols that are left have a bar, each decided on at its close. */
export class Stretch {
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #minutes: Minutes;
  readonly #at: Int32Array;
  readonly #foresight: Foresight;
  readonly #tapes: readonly Float64Array[];
  readonly #closes: readonly Float64Array[];
  #parts: Int32Array = new Int32Array();
  #count = 0;
  #start = 0;
  /** The symbols that are held: the first `#holds`. */
  readonly #held: Int32Array;
  #holds = 0;
  /** Minute of the stretch that the desks were last told to have been decided on. */
  #told = 0;

  /** `at`: first minute of each symbol that is not played. */
  constructor(run: Run, marks: Marks, minutes: Minutes, at: Int32Array) {
    this.#run = run;
    this.#marks = marks;
    this.#minutes = minutes;
    this.#at = at;
    this.#foresight = new Foresight(run, marks, at);
    this.#tapes = run.desks.map(({ tape }) => tape);
    this.#closes = run.desks.map(({ bars }) => bars.close);
    this.#held = new Int32Array(at.length);
  }

  /** Plays `length` minutes from `start` on, epoch ms, of the symbols that are the first `count` of `parts`; up to the ruin of the account. */
  play(start: number, length: number, places: readonly Place[], parts: Int32Array, count: number): void {
    const { account } = this.#run;
    const foresight = this.#foresight;
    const { until } = foresight;
    this.#parts = parts;
    this.#count = count;
    this.#start = start;
    this.#told = -1;
    foresight.begin(length, places);
    for (let i = 0; i < count; i++) {
      this.#marks.fresh[parts[i]] = 0;
      foresight.look(parts[i], 0);
    }
    this.#hold();
    let j = 0;
    while (j < length) {
      let due = length;
      for (let i = 0; i < count; i++) if (until[parts[i]] < due) due = until[parts[i]];
      if (due > j) j = this.#quiet(j, due);
      if (j === length) break;
      this.#happen(j, j < due);
      if (account.ruined) break;
      this.#decide(j, places);
      j += 1;
    }
    this.#tell(j - 1);
    this.#countDecisions(j);
  }

  /**
   * Minutes from `from` to before `until` in which only the equity moves. Returns the first that has to be entered, because the worst prices
   * together could use the account up; `until` for none.
   */
  #quiet(from: number, until: number): number {
    const run = this.#run;
    const { curve, variation, times } = run;
    const { cash } = run.account;
    const { position, shorts } = this.#marks;
    const at = this.#at;
    const closes = this.#closes;
    const held = this.#held;
    const holds = this.#holds;
    // What is paid for is worth something at any price.
    const safe = cash > 0 && shorts === 0;
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
    if (j > from) this.#close(j - 1);
    return j;
  }

  /** Cash and positions at their worst prices of minute `j` and the close before it. */
  #worst(j: number): number {
    const { position, last } = this.#marks;
    let worst = this.#run.account.cash;
    for (let i = 0; i < this.#holds; i++) {
      const s = this.#held[i];
      const m = this.#at[s] + j;
      const row = m * STEP;
      const units = position[s];
      const before = j > 0 ? this.#closes[s][m - 1] : last[s];
      if (units > 0) worst += units * Math.min(this.#tapes[s][row + LOW], before);
      else worst += units * Math.max(this.#tapes[s][row + HIGH], before);
    }
    return worst;
  }

  /** Notes the closes of minute `j`. */
  #close(j: number): void {
    const { last } = this.#marks;
    for (let i = 0; i < this.#holds; i++) {
      const s = this.#held[i];
      last[s] = this.#closes[s][this.#at[s] + j];
    }
  }

  /** Plays minute `j`, in which something may happen to a symbol that is due; `entered`: it has to be entered. */
  #happen(j: number, entered: boolean): void {
    if (!entered && !this.#touched(j) && this.#quiet(j, j + 1) > j) return;
    const { times, variation, account } = this.#run;
    const minutes = this.#minutes;
    const before = minutes.equity;
    times[0] = times[1];
    times[1] = this.#start + j * MINUTE;
    this.#tell(j - 1);
    minutes.enterTogether(times[1], j, this.#parts, this.#count);
    if (!account.ruined) variation.add(minutes.equity - before);
  }

  #touched(j: number): boolean {
    const { idle, wake, down, up } = this.#marks;
    const { until } = this.#foresight;
    for (let i = 0; i < this.#count; i++) {
      const s = this.#parts[i];
      if (until[s] > j || idle[s] === 1) continue;
      const m = this.#at[s] + j;
      const row = m * STEP;
      if (m >= wake[s] || this.#tapes[s][row + LOW] <= down[s] || this.#tapes[s][row + HIGH] >= up[s]) return true;
    }
    return false;
  }

  /** The decisions at the close of minute `j` of the symbols that are due, and of those that something has happened to. */
  #decide(j: number, places: readonly Place[]): void {
    const { desks, view, params, warmup } = this.#run;
    const { decide } = this.#run.strategy;
    const { now } = view;
    const marks = this.#marks;
    const { fresh } = marks;
    const foresight = this.#foresight;
    const { until } = foresight;
    this.#tell(j);
    for (let i = 0; i < this.#count; i++) {
      const s = this.#parts[i];
      if (until[s] > j && fresh[s] === 0) continue;
      if (this.#at[s] + j + 1 >= warmup) {
        view.show(places[s]);
        decide(now, params);
        if (desks[s].changed) marks.read(s);
      }
      fresh[s] = 0;
      foresight.look(s, j + 1);
    }
    this.#hold();
  }

  #hold(): void {
    const { position } = this.#marks;
    let holds = 0;
    for (let i = 0; i < this.#count; i++) if (position[this.#parts[i]] !== 0) this.#held[holds++] = this.#parts[i];
    this.#holds = holds;
  }

  /** Lets the desks know that minute `j` was decided on last. */
  #tell(j: number): void {
    if (this.#told === j) return;
    this.#told = j;
    const { desks } = this.#run;
    for (let i = 0; i < this.#count; i++) desks[this.#parts[i]].decision = this.#at[this.#parts[i]] + j;
  }

  #countDecisions(minutes: number): void {
    const ready = this.#run.warmup - 1;
    for (let i = 0; i < this.#count; i++) {
      const first = this.#at[this.#parts[i]];
      this.#run.decisions += Math.max(0, first + minutes - Math.max(first, ready));
    }
  }
}
