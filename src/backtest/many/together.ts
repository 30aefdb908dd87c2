import { MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
import type { Marks } from './marks.ts';
import type { Minutes } from './minutes.ts';

/** Stretches of minutes in which all symbols that are left have a bar. */
export class Together {
  /** The symbols of the last stretch: the first `count`. */
  readonly parts: Int32Array;
  count = 0;
  readonly #gaps: readonly Int32Array[];
  readonly #to: readonly number[];
  readonly #position: Float64Array;
  readonly #progress: Pick<Minutes, 'at' | 'opens'>;
  /** Number of the first gap of each symbol that lies ahead. */
  readonly #next: Int32Array;

  constructor({ desks, days }: Run, { position }: Marks, progress: Pick<Minutes, 'at' | 'opens'>) {
    this.#gaps = desks.map(({ bars }) => gapsOf(bars.time));
    this.#to = days.map(({ to }) => to);
    this.#position = position;
    this.#progress = progress;
    this.parts = new Int32Array(desks.length);
    this.#next = new Int32Array(desks.length);
  }

  /** How many minutes the stretch has that begins at `time`; 0 where a symbol has no bar then, or where one that has ended is still held. */
  length(time: number): number {
    const { at, opens } = this.#progress;
    let length = Infinity;
    let count = 0;
    for (let s = 0; s < opens.length; s++) {
      if (opens[s] === Infinity && this.#position[s] === 0) continue;
      if (opens[s] !== time) return 0;
      const gaps = this.#gaps[s];
      let k = this.#next[s];
      while (k < gaps.length && gaps[k] <= at[s]) k += 1;
      this.#next[s] = k;
      const whole = k < gaps.length && gaps[k] < this.#to[s] ? gaps[k] : this.#to[s];
      length = Math.min(length, whole - at[s]);
      this.parts[count++] = s;
    }
    this.count = count;
    return length;
  }
}

const known = new WeakMap<Float64Array, Int32Array>();

/** The bars that do not follow the one before without a gap. */
function gapsOf(time: Float64Array): Int32Array {
  const before = known.get(time);
  if (before) return before;
  const gaps: number[] = [];
  for (let i = 1; i < time.length; i++) if (time[i] - time[i - 1] !== MINUTE) gaps.push(i);
  const found = Int32Array.from(gaps);
  known.set(time, found);
  return found;
}
