import { MINUTE } from '../../market/bars.ts';
import { HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Run } from '../run.ts';
import { follow, Worths } from './follow.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';
import { ROUNDING } from './worst.ts';

/** What is held in a stretch of minutes, and the equity while it stays as it is and prices could use it up. */
export class Holdings {
  /** The symbols that are held: the first `count`. */
  readonly #held: Int32Array;
  #count = 0;
  readonly #run: Run;
  readonly #marks: Marks;
  readonly #minutes: Minutes;
  readonly #at: Int32Array;
  readonly #tapes: readonly Float64Array[];
  readonly #closes: readonly Float64Array[];
  readonly #worths = new Worths();
  #parts: Int32Array = new Int32Array();
  #among = 0;
  #start = 0;
  /** The minute being played or decided on, and the symbol that is played. */
  #minute = 0;
  #playing = 0;

  /** `at`: first minute of each symbol in the stretch. */
  constructor(run: Run, marks: Marks, minutes: Minutes, at: Int32Array) {
    this.#run = run;
    this.#marks = marks;
    this.#minutes = minutes;
    this.#at = at;
    this.#tapes = run.desks.map(({ tape }) => tape);
    this.#closes = run.desks.map(({ bars }) => bars.close);
    this.#held = new Int32Array(at.length);
  }

  /** Begins a stretch of the first `among` of these symbols at `start`, epoch ms. */
  begin(start: number, parts: Int32Array, among: number): void {
    this.#start = start;
    this.#parts = parts;
    this.#among = among;
  }

  /** Sees which symbols are held now. */
  see(): void {
    const { position } = this.#marks;
    let count = 0;
    for (let i = 0; i < this.#among; i++) if (position[this.#parts[i]] !== 0) this.#held[count++] = this.#parts[i];
    this.#count = count;
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
    const { cash } = this.#run.account;
    const { position } = this.#marks;
    const at = this.#at;
    const closes = this.#closes;
    const held = this.#held;
    const holds = this.#count;
    const { equity, gross } = this.#worths;
    let j = from;
    for (; j < until; j++) {
      let worth = cash;
      let size = 0;
      for (let i = 0; i < holds; i++) {
        const s = held[i];
        const value = position[s] * closes[s][at[s] + j];
        worth += value;
        size += value < 0 ? -value : value;
      }
      if (!(this.#worst(j) > ROUNDING * size)) break;
      equity[j] = worth;
      gross[j] = size;
    }
    follow(this.#run, this.#minutes, this.#worths, { start: this.#start, from, until: j });
    this.close(j);
    return j;
  }

  /** Minute `j` is the one being played. */
  clock(j: number): void {
    const { times } = this.#run;
    times[0] = times[1];
    times[1] = this.#start + j * MINUTE;
  }

  /** Notes the last closes of what is held where minute `j` is to be played; symbols before number `s` have closed it. */
  close(j: number, s = 0): void {
    const { position, last } = this.#marks;
    for (let i = 0; i < this.#among; i++) {
      const h = this.#parts[i];
      const closed = h < s ? j : j - 1;
      if (position[h] !== 0 && closed >= 0) last[h] = this.#closes[h][this.#at[h] + closed];
    }
  }

  /** Symbol `s` is played in minute `j`: see `close`, which is put off until the account asks for a price. */
  fallBehind(j: number, s: number): void {
    this.#minute = j;
    this.#playing = s;
    this.#run.account.behind = this;
  }

  /** Notes what was put off. */
  catchUp(): void {
    this.#run.account.behind = undefined;
    this.close(this.#minute, this.#playing);
  }

  /** Minute `j` is the one that is decided on. */
  decide(j: number): void {
    this.#minute = j;
  }

  /** Cash and positions at the closes decided on. */
  equity(): number {
    const { position } = this.#marks;
    let sum = this.#run.account.cash;
    for (let i = 0; i < this.#among; i++) {
      const s = this.#parts[i];
      if (position[s] !== 0) sum += position[s] * this.#closes[s][this.#at[s] + this.#minute];
    }
    return sum;
  }

  /** Cash and positions at their worst prices of minute `j` and the close before it. */
  #worst(j: number): number {
    const { position, last } = this.#marks;
    let worst = this.#run.account.cash;
    for (let i = 0; i < this.#count; i++) {
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
}
