import { firstIndex } from '../../base/numbers.ts';
import type { Run } from '../run.ts';

/** The decision bar of each symbol that closes next, and when it does. */
export class Closing {
  /** Its number. */
  readonly next: Int32Array;
  /** Epoch ms; Infinity for none. */
  readonly at: Float64Array;
  readonly #times: readonly Float64Array[];

  /** What closes before the range is never decided on. */
  constructor({ desks, from }: Run) {
    this.#times = desks.map(({ frame }) => frame.time);
    this.next = Int32Array.from(this.#times, (time) => firstIndex(time.length, (k) => time[k] >= from));
    this.at = Float64Array.from(this.#times, (time, s) => time[this.next[s]] ?? Infinity);
  }

  /** The moment at which the next bar of any symbol closes; Infinity for none. */
  moment(): number {
    const { at } = this;
    let moment = Infinity;
    for (let s = 0; s < at.length; s++) if (at[s] < moment) moment = at[s];
    return moment;
  }

  /** Goes on to the next bar of symbol `s`. */
  pass(s: number): void {
    const time = this.#times[s];
    const k = this.next[s] + 1;
    this.next[s] = k;
    this.at[s] = k < time.length ? time[k] : Infinity;
  }
}
