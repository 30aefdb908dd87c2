import { MINUTE, TIMEFRAME_MS } from '../../market/bars.ts';
import { CLOSE, HIGH, LOW, OPEN } from '../minute/tape.ts';
import type { Desk } from '../orders/desk.ts';
import type { Run } from '../run.ts';
import { type Player, playTogether } from './opens.ts';
import { Worth } from './worth.ts';

/** The minutes of all symbols between two decisions. */
export class Block {
  /** First minute of each symbol that is not played, and the one after the block. */
  readonly at: Int32Array;
  readonly until: Int32Array;
  readonly #run: Run;
  readonly #players: readonly Player[];
  readonly #worth: Worth;
  /** Times of the minutes that are marked, behind that of the minute before. */
  readonly #times: Float64Array;
  #equity = Number.NaN;

  constructor(run: Run) {
    this.#run = run;
    this.at = Int32Array.from(run.days, ({ from }) => from);
    this.until = this.at.slice();
    this.#players = run.desks.map((desk) => ({ desk, minute: 0, need: 0, beside: 0, gain: 0 }));
    const minutes = TIMEFRAME_MS[run.strategy.timeframe] / MINUTE;
    this.#worth = new Worth(minutes);
    this.#times = new Float64Array(minutes + 1).fill(run.from);
    this.#equity = run.account.cash;
  }

  /** Cash and positions at the last closes. */
  equity(): number {
    const { desks, account } = this.#run;
    let sum = account.cash;
    for (let s = 0; s < desks.length; s++) if (desks[s].position !== 0) sum += desks[s].position * desks[s].last;
    return sum;
  }

  /** Start of the first minute to play, epoch ms; Infinity for none. */
  firstTime(): number {
    const { desks } = this.#run;
    let time = Infinity;
    for (let s = 0; s < desks.length; s++) {
      if (this.at[s] < this.until[s] && desks[s].bars.time[this.at[s]] < time) time = desks[s].bars.time[this.at[s]];
    }
    return time;
  }

  /** Plays the block, which ends at `moment`; `bars`: the decision bar of each symbol that ends with it. */
  play(bars: Int32Array, moment: number): void {
    const run = this.#run;
    const before = run.bars;
    const ruinous = this.#worst(bars) <= 0;
    while (ruinous || this.#touched(bars)) {
      const time = this.firstTime();
      if (time === Infinity) break;
      this.#minute(time, ruinous);
      if (run.account.ruined) return;
    }
    this.#mark(moment);
    const equity = this.equity();
    const minutes = run.bars - before;
    let gross = 0;
    for (let s = 0; s < run.desks.length; s++) {
      const desk = run.desks[s];
      const value = Math.abs(desk.position * desk.last);
      if (desk.position === 0) continue;
      gross += value;
      desk.exposure += (value * minutes) / equity;
    }
    if (gross > 0) run.exposure += (gross * minutes) / equity;
  }

  /** Whether anything can happen in what is left of the block: to orders, exits and funding. */
  #touched(bars: Int32Array): boolean {
    const { desks } = this.#run;
    for (let s = 0; s < desks.length; s++) {
      if (this.at[s] >= this.until[s]) continue;
      const { wake, down, up, frame } = desks[s];
      if (wake < this.until[s] || frame.low[bars[s]] <= down || frame.high[bars[s]] >= up) return true;
    }
    return false;
  }

  /** The least that the account can be worth in the block, before orders. */
  #worst(bars: Int32Array): number {
    const { desks, account } = this.#run;
    let sum = account.cash;
    for (let s = 0; s < desks.length; s++) {
      const { position, last, frame } = desks[s];
      if (position === 0) continue;
      const plays = this.at[s] < this.until[s];
      sum += position * (!plays ? last : position > 0 ? frame.low[bars[s]] : frame.high[bars[s]]);
    }
    return sum;
  }

  /** One minute of every symbol that has a bar in it. `ruinous`: losses of one may ruin the account at a price of another. */
  #minute(time: number, ruinous: boolean): void {
    const run = this.#run;
    const { desks, account } = run;
    const players: Player[] = [];
    for (let s = 0; s < desks.length; s++) {
      const m = this.at[s];
      const desk = desks[s];
      if (m < this.until[s] && desk.bars.time[m] === time) desk.last = desk.bars.open[m];
    }
    // The first in turn is another one in every minute.
    const start = Math.floor(time / MINUTE) % desks.length;
    for (let i = 0; i < desks.length; i++) {
      const s = start + i < desks.length ? start + i : start + i - desks.length;
      const m = this.at[s];
      const desk = desks[s];
      if (m >= this.until[s] || desk.bars.time[m] !== time) continue;
      if (ruinous && desk.position !== 0) desk.watch(m);
      const { bars, wake, down, up } = desk;
      if (m < wake && bars.low[m] > down && bars.high[m] < up) continue;
      writeMinute(desk, m);
      this.#players[s].minute = m;
      players.push(this.#players[s]);
    }
    const ruined = playTogether(players);
    let held = false;
    for (let s = 0; s < desks.length; s++) {
      const m = this.at[s];
      const desk = desks[s];
      if (m < this.until[s] && desk.bars.time[m] === time) {
        desk.last = desk.bars.close[m];
        this.at[s] = m + 1;
      }
      held ||= desk.position !== 0;
    }
    const equity = ruined ? 0 : Math.max(0, this.equity());
    // Shares of one equity can only be used up together.
    if (equity === 0) account.ruined = true;
    run.bars += 1;
    if (held) run.barsInPosition += 1;
    this.#times[1] = time;
    this.#step(equity, 1);
    this.#times[0] = time;
  }

  /** What is left of the block, in which positions stay as they are. */
  #mark(moment: number): void {
    const run = this.#run;
    const { desks, account } = run;
    const first = this.firstTime();
    if (first === Infinity) return;
    const start = Math.floor(first / MINUTE);
    const { cash } = account;
    const held = desks.some(({ position }) => position !== 0);
    const { values, present } = this.#worth;
    const length = this.#worth.measure(desks, this.at, this.until, start, moment / MINUTE);
    let count = 0;
    const times = this.#times;
    for (let j = 0; j < length; j++) {
      if (present[j] === 0) continue;
      count += 1;
      times[count] = (start + j) * MINUTE;
      if (held) this.#step(cash + values[j], count);
    }
    run.bars += count;
    if (held) run.barsInPosition += count;
    else this.#step(cash, count);
    times[0] = times[count];
  }

  /** The equity at the close of minute `i` of the times. */
  #step(equity: number, i: number): void {
    const { curve, variation } = this.#run;
    const change = equity - this.#equity;
    if (change !== 0) variation.add(change);
    this.#equity = equity;
    if (equity < curve.quietAbove() || equity >= curve.peak) curve.add(equity, this.#times, i);
  }
}

/** Puts a minute on the tape. */
function writeMinute(desk: Desk, m: number): void {
  const { tape, bars } = desk;
  desk.tapeFrom = m;
  tape[OPEN] = bars.open[m];
  tape[HIGH] = bars.high[m];
  tape[LOW] = bars.low[m];
  tape[CLOSE] = bars.close[m];
}
