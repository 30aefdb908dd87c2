import { MINUTE, TIMEFRAME_MS } from '../../market/bars.ts';
import type { Marks } from '../many/marks.ts';
import { delist } from '../minute/leave.ts';
import type { Run } from '../run.ts';
import type { Closing } from './closing.ts';
import { type Columns, columnsOf } from './columns.ts';
import { Equity } from './equity.ts';
import { type Player, playTogether } from './opens.ts';
import { Worth } from './worth.ts';

/** The minutes of all symbols between two decisions. */
export class Block {
  /** First minute of each symbol that is not played, and the one after the block. */
  readonly at: Int32Array;
  readonly #until: Int32Array;
  /** 1: it has every minute of what is left of the block, so that nobody has to look at its times. */
  readonly #whole: Uint8Array;
  /** 1: something can happen to it in what is left of the block; it has a bar in the minute being played. */
  readonly #alert: Uint8Array;
  readonly #here: Uint8Array;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #closing: Closing;
  readonly #players: readonly Player[];
  readonly #playing: Player[] = [];
  readonly #worth: Worth;
  readonly #equity: Equity;
  /** Bars of minutes and of decisions, symbol by symbol. */
  readonly #minutes: Columns;
  readonly #bars: Columns;
  readonly #ends: readonly Int32Array[];
  /** The minute after each symbol's last, and minutes in a decision bar. */
  readonly #to: Int32Array;
  readonly #length: number;
  #moment = Number.NaN;

  constructor(run: Run, marks: Marks, closing: Closing) {
    const { desks, days } = run;
    this.#run = run;
    this.#marks = marks;
    this.#closing = closing;
    this.at = Int32Array.from(days, ({ from }) => from);
    this.#until = this.at.slice();
    this.#to = Int32Array.from(days, ({ to }) => to);
    this.#whole = new Uint8Array(desks.length);
    this.#alert = new Uint8Array(desks.length);
    this.#here = new Uint8Array(desks.length);
    this.#players = desks.map((desk) => ({ desk, minute: 0, need: 0, beside: 0, gain: 0 }));
    this.#minutes = columnsOf(desks.map(({ bars }) => bars));
    this.#bars = columnsOf(desks.map(({ frame }) => frame));
    this.#ends = desks.map(({ frame }) => frame.end);
    this.#length = TIMEFRAME_MS[run.strategy.timeframe] / MINUTE;
    this.#worth = new Worth(this.#length, marks, this.#minutes);
    this.#equity = new Equity(run, marks, this.#worth, this.#length);
  }

  /** Cash and positions at the last prices. */
  equity(): number {
    return this.#equity.now();
  }

  /** Begins the block that ends at `moment`, with the bars that close then; whether it has a minute to play. */
  begin(moment: number): boolean {
    const ends = this.#ends;
    const { next, at: closes } = this.#closing;
    const at = this.at;
    this.#moment = moment;
    for (let s = 0; s < at.length; s++) {
      let until = at[s];
      if (closes[s] === moment) until = Math.max(until, Math.min(ends[s][next[s]], this.#to[s]));
      this.#until[s] = until;
      this.#whole[s] = until - at[s] === this.#length ? 1 : 0;
    }
    return this.#firstTime() < Infinity;
  }

  /** Plays the block. */
  play(): void {
    const run = this.#run;
    const marks = this.#marks;
    const before = run.bars;
    const time = this.#firstTime();
    for (let s = 0; s < this.at.length; s++) {
      if (this.at[s] < this.#to[s]) continue;
      delist(run.desks[s], this.#to[s] - 1, time);
      marks.read(s);
    }
    const ruinous = this.#worst() <= 0;
    while (ruinous || this.#watch()) {
      const next = this.#firstTime();
      if (next === Infinity) break;
      this.#minute(next, ruinous);
      if (run.account.ruined) return;
    }
    this.#mark();
    this.#equity.expose(run.bars - before);
  }

  /** Start of the first minute to play, epoch ms; Infinity for none. */
  #firstTime(): number {
    const at = this.at;
    const until = this.#until;
    let time = Infinity;
    for (let s = 0; s < at.length; s++) {
      if (at[s] >= until[s]) continue;
      // No other can begin before one that has every minute.
      if (this.#whole[s] === 1) return this.#moment - (until[s] - at[s]) * MINUTE;
      const own = this.#minutes.times[s][at[s]];
      if (own < time) time = own;
    }
    return time;
  }

  /** Sees to whom anything can happen in what is left of the block: to orders, exits and funding. Whether to any. */
  #watch(): boolean {
    const { wake, down, up } = this.#marks;
    const { lows, highs } = this.#bars;
    const { next } = this.#closing;
    const at = this.at;
    const until = this.#until;
    const alert = this.#alert;
    let any = false;
    for (let s = 0; s < at.length; s++) {
      alert[s] = 0;
      if (at[s] >= until[s]) continue;
      const k = next[s];
      if (wake[s] < until[s] || lows[s][k] <= down[s] || highs[s][k] >= up[s]) {
        alert[s] = 1;
        any = true;
      }
    }
    return any;
  }

  /** The least that the account can be worth in the block, before orders. */
  #worst(): number {
    const { position, last } = this.#marks;
    const { lows, highs } = this.#bars;
    const { next } = this.#closing;
    let sum = this.#run.account.cash;
    for (let s = 0; s < position.length; s++) {
      const units = position[s];
      if (units === 0) continue;
      const plays = this.at[s] < this.#until[s];
      sum += units * (!plays ? last[s] : (units > 0 ? lows : highs)[s][next[s]]);
    }
    return sum;
  }

  /** One minute of every symbol that has a bar in it. `ruinous`: losses of one may ruin the account at a price of another. */
  #minute(time: number, ruinous: boolean): void {
    const marks = this.#marks;
    const { times, opens, closes } = this.#minutes;
    const { last } = marks;
    const at = this.at;
    const until = this.#until;
    const here = this.#here;
    for (let s = 0; s < at.length; s++) {
      const m = at[s];
      here[s] = m < until[s] && (this.#whole[s] === 1 || times[s][m] === time) ? 1 : 0;
      if (here[s] === 0) continue;
      // The open of a whole bar lies among few others; that of a minute waits for memory.
      const first = until[s] - m === this.#length;
      last[s] = first ? this.#bars.opens[s][this.#closing.next[s]] : opens[s][m];
    }
    const ruined = playTogether(this.#playersOf(time, ruinous), marks);
    for (let s = 0; s < at.length; s++) {
      if (here[s] === 0) continue;
      last[s] = closes[s][at[s]];
      at[s] += 1;
    }
    const equity = ruined ? 0 : Math.max(0, this.#equity.now());
    // Shares of one equity can only be used up together.
    if (equity === 0) this.#run.account.ruined = true;
    this.#equity.note(time, equity);
  }

  /** The symbols that something can happen to in the minute at `time`. The first in turn is another one in every minute. */
  #playersOf(time: number, ruinous: boolean): readonly Player[] {
    const { desks } = this.#run;
    const marks = this.#marks;
    const { lows, highs } = this.#minutes;
    const playing = this.#playing;
    playing.length = 0;
    const start = Math.floor(time / MINUTE) % desks.length;
    for (let i = 0; i < desks.length; i++) {
      const s = start + i < desks.length ? start + i : start + i - desks.length;
      if (this.#here[s] === 0 || (!ruinous && this.#alert[s] === 0)) continue;
      const m = this.at[s];
      if (ruinous && marks.position[s] !== 0) {
        desks[s].watch(m);
        marks.read(s);
      }
      if (m < marks.wake[s] && lows[s][m] > marks.down[s] && highs[s][m] < marks.up[s]) continue;
      desks[s].turnTo(m);
      this.#players[s].minute = m;
      playing.push(this.#players[s]);
    }
    return playing;
  }

  /** What is left of the block, in which positions stay as they are. */
  #mark(): void {
    const first = this.#firstTime();
    if (first === Infinity) return;
    const start = Math.floor(first / MINUTE);
    this.#equity.noteMeasured(start, this.#worth.measure(this.at, this.#until, start, this.#moment / MINUTE));
  }
}
