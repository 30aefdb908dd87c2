import type { Bars } from '../../market/bars.ts';

/**
 * Running sum of squared 1-minute changes of the price: entry i + 1 holds those of bars 0 to i. A gap is one change, and the first
 * bar changes from its open.
 */
export function squaredChanges(bars: Bars): Float64Array {
  const sums = new Float64Array(bars.length + 1);
  addSquaredChanges(sums, bars, 0);
  return sums;
}

/** The same from bar `from` on, where the sums up to it are there already. */
export function addSquaredChanges(sums: Float64Array, { length, open, close }: Bars, from: number): void {
  for (let i = from; i < length; i++) {
    const change = close[i] - (i === 0 ? open[0] : close[i - 1]);
    sums[i + 1] = sums[i] + change * change;
  }
}

/**
 * Half the spread that the bouncing of 1-minute closes between bid and ask implies, as a fraction of price: the root of minus the
 * first autocovariance of their returns, 0 where that is positive. Roll 1984.
 */
export function rollHalfSpread({ length, close }: Bars): number {
  let [sum, count, before] = [0, 0, Number.NaN];
  for (let i = 1; i < length; i++) {
    const change = close[i] / close[i - 1] - 1;
    if (i > 1) {
      sum += change * before;
      count += 1;
    }
    before = change;
  }
  return sum < 0 ? Math.sqrt(-sum / count) : 0;
}

/**
 * Quadratic variation of the equity, day by day: the sum of squared changes from minute to minute over the squared equity at the
 * start of the day, so that its mean compares with the variance of daily returns. With one symbol only the minutes with a fill
 * are looked at: between them the equity moves as the price does, whose squares are summed already.
 */
export class Variation {
  readonly days: Float64Array;
  readonly #squares: Float64Array;
  readonly #close: Float64Array;
  #sum = Number.NaN;
  /** First minute that is not in the sum. */
  #next = 0;
  #dayStart = Number.NaN;
  /**
   * Minutes with fills since the day began, and cash and position before each. They are summed up when the day ends: one after the other while
   * playing, each look at the columns would wait for memory, and in a row these waits overlap.
   */
  #minute = new Int32Array(64);
  #cash = new Float64Array(64);
  #position = new Float64Array(64);
  #count = 0;

  constructor(days: number, from: number, cash: number, squares: Float64Array, close: Float64Array) {
    this.days = new Float64Array(days);
    // Born as NaN, see README.
    this.#sum = 0;
    this.#next = from;
    this.#dayStart = cash;
    this.#squares = squares;
    this.#close = close;
  }

  /** Called before the first and any later fill of a minute changes cash and position. */
  fill(minute: number, cash: number, position: number): void {
    const i = this.#count;
    if (i > 0 && this.#minute[i - 1] === minute) return;
    if (i === this.#minute.length) this.#grow();
    this.#minute[i] = minute;
    this.#cash[i] = cash;
    this.#position[i] = position;
    this.#count = i + 1;
  }

  /** Adds one change of the equity that was measured elsewhere. */
  add(change: number): void {
    this.#sum += change * change;
  }

  /** Ends day `d` before minute `end`, with the equity there. */
  endDay(d: number, end: number, cash: number, position: number, equity: number): void {
    for (let i = 0; i < this.#count; i++) {
      const last = i + 1 === this.#count;
      this.#still(this.#minute[i], this.#position[i]);
      this.#filled(i, last ? cash : this.#cash[i + 1], last ? position : this.#position[i + 1]);
    }
    this.#count = 0;
    this.#still(end, position);
    this.close(d, equity);
  }

  /** Ends a day whose changes have all been added. */
  close(d: number, equity: number): void {
    if (this.#dayStart > 0) this.days[d] = this.#sum / this.#dayStart ** 2;
    this.#sum = 0;
    this.#dayStart = equity;
  }

  /** Minutes up to `minute` in which nothing was traded. */
  #still(minute: number, position: number): void {
    // An order may fill in the first minute: nothing lies before it.
    if (minute > this.#next && position !== 0) {
      this.#sum += position * position * (this.#squares[minute] - this.#squares[this.#next]);
    }
    this.#next = Math.max(this.#next, minute);
  }

  /** A minute with fills, after which there were `cash` and `position`. */
  #filled(i: number, cash: number, position: number): void {
    const minute = this.#minute[i];
    const held = this.#position[i];
    const before = held === 0 ? this.#cash[i] : this.#cash[i] + held * this.#close[minute - 1];
    this.add(cash + (position === 0 ? 0 : position * this.#close[minute]) - before);
    this.#next = minute + 1;
  }

  #grow(): void {
    const length = this.#minute.length * 2;
    const [minute, cash, position] = [this.#minute, this.#cash, this.#position];
    this.#minute = new Int32Array(length);
    this.#cash = new Float64Array(length);
    this.#position = new Float64Array(length);
    this.#minute.set(minute);
    this.#cash.set(cash);
    this.#position.set(position);
  }
}
