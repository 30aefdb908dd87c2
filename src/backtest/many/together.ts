import { MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
import type { Marks } from './marks.ts';

/** Where several symbols stand: first minute of each that is not played, and its start (Infinity for none). */
interface Progress {
  readonly at: Int32Array;
  readonly opens: Float64Array;
}

/** Stretches of minutes in which all symbols that are left have a bar. */
export class Together {
  /** The symbols of the last stretch: the first `count`. */
  readonly parts: Int32Array;
  count = 0;
  readonly #times: readonly Float64Array[];
  readonly #to: readonly number[];
  readonly #position: Float64Array;
  readonly #progress: Progress;
  /** Index after the minutes of each symbol that follow one another without a gap. */
  readonly #whole: Int32Array;

  constructor({ desks, days }: Run, { position }: Marks, progress: Progress) {
    this.#times = desks.map(({ bars }) => bars.time);
    this.#to = days.map(({ to }) => to);
    this.#position = position;
    this.#progress = progress;
    this.parts = new Int32Array(desks.length);
    this.#whole = new Int32Array(desks.length);
  }

  /** How many minutes the stretch has that begins at `time`; 0 where a symbol has no bar then, or where one that has ended is still held. */
  length(time: number): number {
    const { at, opens } = this.#progress;
    const whole = this.#whole;
    let length = Infinity;
    let count = 0;
    for (let s = 0; s < opens.length; s++) {
      if (opens[s] === Infinity && this.#position[s] === 0) continue;
      if (opens[s] !== time) return 0;
      if (whole[s] <= at[s]) whole[s] = wholeUntil(this.#times[s], at[s], this.#to[s]);
      length = Math.min(length, whole[s] - at[s]);
      this.parts[count++] = s;
    }
    this.count = count;
    return length;
  }
}

function wholeUntil(time: Float64Array, from: number, to: number): number {
  let i = from + 1;
  while (i < to && time[i] - time[i - 1] === MINUTE) i += 1;
  return i;
}
