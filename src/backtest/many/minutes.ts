import { delist } from '../minute/leave.ts';
import { playMinute } from '../minute/minute.ts';
import { CLOSE, HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import type { Marks } from './marks.ts';
import { isSafe, ROUNDING } from './worst.ts';

/** The minutes of several symbols on one account, one after the other. */
export class Minutes {
  /** Cash and positions at the last closes. */
  equity = Number.NaN;
  /** First minute of each symbol that is not played, and its start (Infinity for none). */
  readonly at: Int32Array;
  readonly opens: Float64Array;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #tapes: readonly Float64Array[];
  readonly #times: readonly Float64Array[];
  /** The minute after the last of each. */
  readonly #to: Int32Array;
  /** The minute of each symbol that is being played, -1 for none, and its close. */
  readonly #minute: Int32Array;
  readonly #close: Float64Array;

  constructor(run: Run, marks: Marks) {
    this.#run = run;
    this.#marks = marks;
    this.equity = run.account.cash;
    this.#tapes = run.desks.map(({ tape }) => tape);
    this.#times = run.desks.map(({ bars }) => bars.time);
    this.at = Int32Array.from(run.days, ({ from }) => from);
    this.#to = Int32Array.from(run.days, ({ to }) => to);
    this.#minute = new Int32Array(run.desks.length);
    this.#close = new Float64Array(run.desks.length);
    this.opens = Float64Array.from(run.days, ({ from, to }, s) => (from < to ? this.#times[s][from] : Infinity));
  }

  /** Start of the next minute in which a symbol has a bar, epoch ms; Infinity for none. */
  next(): number {
    const opens = this.opens;
    let time = Infinity;
    for (let s = 0; s < opens.length; s++) if (opens[s] < time) time = opens[s];
    return time;
  }

  /**
   * One minute of every symbol that has a bar in it, and then the equity. Symbols are entered only when something can happen to one of them, or
   * when all of their worst prices together could use the account up.
   */
  play(time: number): void {
    const { account } = this.#run;
    const { position, last, wake, down, up, idle } = this.#marks;
    const tapes = this.#tapes;
    const times = this.#times;
    const at = this.at;
    const to = this.#to;
    const opens = this.opens;
    const minute = this.#minute;
    const closes = this.#close;
    let quiet = true;
    let equity = account.cash;
    let worst = equity;
    let gross = 0;
    for (let s = 0; s < opens.length; s++) {
      const units = position[s];
      let close = last[s];
      let low = close;
      let high = close;
      if (opens[s] === time) {
        const m = at[s];
        minute[s] = m;
        at[s] = m + 1;
        opens[s] = m + 1 < to[s] ? times[s][m + 1] : Infinity;
        if (idle[s] === 1) continue;
        const tape = tapes[s];
        const row = m * STEP;
        if (m >= wake[s] || tape[row + LOW] <= down[s] || tape[row + HIGH] >= up[s]) quiet = false;
        if (tape[row + LOW] < low) low = tape[row + LOW];
        if (tape[row + HIGH] > high) high = tape[row + HIGH];
        close = tape[row + CLOSE];
      } else {
        minute[s] = -1;
        // It may be delisted.
        if (units !== 0 && opens[s] === Infinity) quiet = false;
      }
      if (units === 0) continue;
      closes[s] = close;
      const value = units * close;
      equity += value;
      gross += value < 0 ? -value : value;
      worst += units * (units > 0 ? low : high);
    }
    if (quiet && worst > ROUNDING * gross) {
      for (let s = 0; s < closes.length; s++) last[s] = closes[s];
      this.#note(equity, gross);
    } else {
      this.#enter(time);
    }
  }

  /** Goes on behind so many minutes of symbol `s` that were played elsewhere. */
  follow(s: number, minutes: number): void {
    const m = this.at[s] + minutes;
    this.at[s] = m;
    this.opens[s] = m < this.#to[s] ? this.#times[s][m] : Infinity;
  }

  /** The minute `j` after the next of `count` symbols, symbol by symbol from number `first` on; the others have none. */
  enterTogether(time: number, j: number, parts: Int32Array, count: number, first = 0): void {
    this.#minute.fill(-1);
    for (let i = 0; i < count; i++) this.#minute[parts[i]] = this.at[parts[i]] + j;
    this.#enter(time, first);
  }

  /** The same minute symbol by symbol; those before `first` have been played. */
  #enter(time: number, first = 0): void {
    const run = this.#run;
    const marks = this.#marks;
    const { desks, account, curve, times } = run;
    const { position, last, wake, down, up, idle } = marks;
    let safe = isSafe(account.cash, marks, this.#tapes, this.#minute);
    for (let s = first; s < desks.length; s++) {
      const m = this.#minute[s];
      if (m < 0) {
        if (position[s] !== 0 && this.at[s] === this.#to[s]) {
          delist(desks[s], this.at[s] - 1, time);
          marks.read(s);
        }
        continue;
      }
      if (idle[s] === 1) continue;
      const desk = desks[s];
      const { tape } = desk;
      const row = m * STEP;
      // Losses of the other symbols move the price at which the account is ruined.
      if (position[s] !== 0 && !safe) {
        desk.watch(m);
        marks.read(s);
      }
      const touched = m >= wake[s] || tape[row + LOW] <= down[s] || tape[row + HIGH] >= up[s];
      if (touched) {
        playMinute(desk, m);
        marks.read(s);
        // The account is ruined: skip the rest of this minute.
        if (account.ruined) {
          curve.add(0, times, 1);
          return;
        }
      }
      last[s] = tape[row + CLOSE];
      if (touched) safe = isSafe(account.cash, marks, this.#tapes, this.#minute);
    }
    let equity = account.cash;
    let gross = 0;
    for (let s = 0; s < desks.length; s++) {
      if (position[s] === 0) continue;
      const value = position[s] * last[s];
      equity += value;
      gross += Math.abs(value);
    }
    this.#note(equity, gross);
  }

  /** Takes the equity at the close of the minute, and the sum of |position value|. */
  #note(equity: number, gross: number): void {
    const run = this.#run;
    const { curve, account } = run;
    this.equity = equity;
    run.bars += 1;
    if (gross > 0) run.barsInPosition += 1;
    if (equity < curve.quietAbove() || equity >= curve.peak) curve.add(Math.max(0, equity), run.times, 1);
    // Shares of one equity can only be used up together.
    if (equity <= 0) account.ruined = true;
    else run.exposure += gross / equity;
  }
}
