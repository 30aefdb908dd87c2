/** Peak, drawdown and time under water of an equity curve, fed bar by bar. */
export class Curve {
  peak = Number.NaN;
  /** Equity below which the drawdown would be a new largest one. */
  alarm = Number.NaN;
  /** Below the peak at the last bar fed. */
  under = false;
  maxDrawdown = Number.NaN;
  underwater = Number.NaN;
  /** When the equity was last at its peak. */
  #since = Number.NaN;

  readonly #from = Number.NaN;

  /** `start`: the equity at `from`, epoch ms. */
  constructor(start: number, from: number) {
    this.peak = start;
    this.alarm = start;
    // Born as NaN, see README.
    this.maxDrawdown = 0;
    this.underwater = 0;
    this.#from = from;
  }

  /** While equity stays at or above this and below the peak, feeding it would change nothing. */
  quietAbove(): number {
    return this.under ? this.alarm : Number.POSITIVE_INFINITY;
  }

  /** The equity at the close of bar `i` of `time`. */
  add(equity: number, time: Float64Array, i: number): void {
    if (equity < this.peak) {
      if (!this.under) this.dive(time, i);
      if (equity < this.alarm) {
        this.maxDrawdown = (this.peak - equity) / this.peak;
        this.alarm = equity;
      }
    } else {
      if (this.under) this.#surface(time[i]);
      if (equity > this.peak) {
        this.peak = equity;
        this.alarm = equity * (1 - this.maxDrawdown);
      }
    }
  }

  /** Bar `i` and those after it are known to be below the peak and no new low. */
  dive(time: Float64Array, i: number): void {
    if (this.under) return;
    this.under = true;
    this.#since = i > 0 ? Math.max(this.#from, time[i - 1]) : time[0];
  }

  /** Ends the curve at its last bar. */
  finish(time: number): void {
    if (this.under) this.#surface(time);
  }

  #surface(time: number): void {
    this.under = false;
    if (time - this.#since > this.underwater) this.underwater = time - this.#since;
  }
}
