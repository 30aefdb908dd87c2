import { MINUTE } from '../../market/bars.ts';
import type { Marks } from '../many/marks.ts';
import type { Columns } from './columns.ts';

/** What all positions of a universe are worth at the close of each minute of a block in which they stay as they are. */
export class Worth {
  /** Quote money, and 1 where any symbol has a bar, minute by minute; `all`: one has every minute, so that nobody wrote the latter. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  all = false;
  readonly #marks: Marks;
  readonly #times: readonly Float64Array[];
  readonly #closes: readonly Float64Array[];
  /** Symbols that are held and have every minute, still to be added. */
  readonly #waiting: Int32Array = new Int32Array(4);
  #count = 0;

  /** `minutes`: of the longest block. */
  constructor(minutes: number, marks: Marks, { times, closes }: Columns) {
    this.values = new Float64Array(minutes);
    this.present = new Uint8Array(minutes);
    this.#marks = marks;
    this.#times = times;
    this.#closes = closes;
  }

  /**
   * Measures the minutes from `start` to before `end`, in minutes of UTC time; of each symbol those from `at` to before `until`: `at` is moved
   * there and the last close noted. Returns how many minutes there are. Values are added up in the order of the symbols.
   */
  measure(at: Int32Array, until: Int32Array, start: number, end: number): number {
    const { values, present } = this;
    const { position, last } = this.#marks;
    const length = this.#lengthOf(at, until, start, end);
    values.fill(0, 0, length);
    this.all = false;
    for (let s = 0; s < at.length; s++) if (until[s] - at[s] === length) this.all = true;
    if (!this.all) present.fill(0, 0, length);
    for (let s = 0; s < at.length; s++) {
      if (position[s] === 0) {
        if (!this.all) this.#show(s, at[s], until[s], start);
      } else if (until[s] - at[s] === length) {
        this.#waiting[this.#count++] = s;
        if (this.#count === 4) this.#add(at, length);
      } else {
        this.#add(at, length);
        this.#addSparse(length, s, at[s], until[s], start);
      }
    }
    this.#add(at, length);
    for (let s = 0; s < at.length; s++) {
      if (until[s] === at[s]) continue;
      last[s] = this.#closes[s][until[s] - 1];
      at[s] = until[s];
    }
    return length;
  }

  /** The longest part that a symbol has, from minute `start` on; one without a gap up to minute `end` says it without a look at its times. */
  #lengthOf(at: Int32Array, until: Int32Array, start: number, end: number): number {
    let length = 0;
    for (let s = 0; s < at.length; s++) if (until[s] - at[s] === end - start) return end - start;
    for (let s = 0; s < at.length; s++) {
      if (at[s] >= until[s]) continue;
      const minutes = this.#times[s][until[s] - 1] / MINUTE - start + 1;
      if (minutes > length) length = minutes;
    }
    return length;
  }

  /** Adds those that wait: four in one pass, because to read and write the sum takes as long as to add to it. */
  #add(at: Int32Array, length: number): void {
    const { position } = this.#marks;
    const closes = this.#closes;
    const waiting = this.#waiting;
    if (this.#count === 4) {
      addFour(this.values, length, waiting, position, closes, at);
    } else {
      for (let i = 0; i < this.#count; i++) {
        const s = waiting[i];
        addOne(this.values, length, position[s], closes[s], at[s]);
      }
    }
    this.#count = 0;
  }

  /** A symbol without a bar in some of the minutes keeps its last close there. */
  #addSparse(length: number, s: number, from: number, to: number, start: number): void {
    const { values, present } = this;
    const close = this.#closes[s];
    const time = this.#times[s];
    const units = this.#marks.position[s];
    let j = 0;
    let value = units * this.#marks.last[s];
    for (let m = from; m < to; m++) {
      const here = time[m] / MINUTE - start;
      for (; j < here; j++) values[j] += value;
      value = units * close[m];
      present[here] = 1;
    }
    for (; j < length; j++) values[j] += value;
  }

  /** Notes the minutes that a symbol has. */
  #show(s: number, from: number, to: number, start: number): void {
    const time = this.#times[s];
    for (let m = from; m < to; m++) this.present[time[m] / MINUTE - start] = 1;
  }
}

function addOne(values: Float64Array, length: number, units: number, close: Float64Array, from: number): void {
  for (let j = 0; j < length; j++) values[j] += units * close[from + j];
}

/** Four symbols in their order. */
function addFour(
  values: Float64Array,
  length: number,
  symbols: Int32Array,
  position: Float64Array,
  closes: readonly Float64Array[],
  at: Int32Array,
): void {
  const p = position[symbols[0]];
  const q = position[symbols[1]];
  const r = position[symbols[2]];
  const t = position[symbols[3]];
  const a = closes[symbols[0]];
  const b = closes[symbols[1]];
  const c = closes[symbols[2]];
  const d = closes[symbols[3]];
  const i = at[symbols[0]];
  const k = at[symbols[1]];
  const l = at[symbols[2]];
  const m = at[symbols[3]];
  for (let j = 0; j < length; j++) {
    values[j] = values[j] + p * a[i + j] + q * b[k + j] + r * c[l + j] + t * d[m + j];
  }
}
