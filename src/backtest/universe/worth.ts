import { MINUTE } from '../../market/bars.ts';
import type { Desk } from '../orders/desk.ts';

/** What all positions of a universe are worth at the close of each minute of a block in which they stay as they are. */
export class Worth {
  /** Quote money, and 1 where any symbol has a bar, minute by minute. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** Symbols that are held and have every minute, still to be added, and their first minutes. */
  readonly #waiting: Desk[] = [];
  readonly #from: number[] = [];

  /** `minutes`: of the longest block. */
  constructor(minutes: number) {
    this.values = new Float64Array(minutes);
    this.present = new Uint8Array(minutes);
  }

  /**
   * Measures the minutes from `start` to before `end`, in minutes of UTC time; of each symbol those from `at` to before `until`: `at` is moved
   * there and the last close noted. Returns how many minutes there are. Values are added up in the order of the symbols.
   */
  measure(desks: readonly Desk[], at: Int32Array, until: Int32Array, start: number, end: number): number {
    const { values, present } = this;
    const length = lengthOf(desks, at, until, start, end);
    values.fill(0, 0, length);
    present.fill(0, 0, length);
    let all = false;
    for (let s = 0; s < desks.length; s++) {
      const desk = desks[s];
      const from = at[s];
      const to = until[s];
      const whole = to - from === length;
      if (whole && !all) {
        present.fill(1, 0, length);
        all = true;
      }
      if (desk.position === 0) {
        if (!all) for (let m = from; m < to; m++) present[desk.bars.time[m] / MINUTE - start] = 1;
      } else if (whole) {
        this.#waiting.push(desk);
        this.#from.push(from);
        if (this.#waiting.length === 4) this.#add(length);
      } else {
        this.#add(length);
        addSparse(this, length, desk, from, to, start);
      }
      if (to > from) {
        desk.last = desk.bars.close[to - 1];
        at[s] = to;
      }
    }
    this.#add(length);
    return length;
  }

  #add(length: number): void {
    const desks = this.#waiting;
    if (desks.length === 4) addFour(this.values, length, desks, this.#from);
    else for (let i = 0; i < desks.length; i++) addOne(this.values, length, desks[i], this.#from[i]);
    desks.length = 0;
    this.#from.length = 0;
  }
}

/** The longest part that a symbol has, from minute `start` on; one without a gap up to minute `end` says it without a look at its times. */
function lengthOf(desks: readonly Desk[], at: Int32Array, until: Int32Array, start: number, end: number): number {
  let length = 0;
  for (let s = 0; s < desks.length; s++) if (until[s] - at[s] === end - start) return end - start;
  for (let s = 0; s < desks.length; s++) {
    if (at[s] >= until[s]) continue;
    const minutes = desks[s].bars.time[until[s] - 1] / MINUTE - start + 1;
    if (minutes > length) length = minutes;
  }
  return length;
}

function addOne(values: Float64Array, length: number, { position, bars }: Desk, from: number): void {
  const { close } = bars;
  for (let j = 0; j < length; j++) values[j] += position * close[from + j];
}

/** The same for four symbols in their order, in one pass: to read and write the sum takes as long as to add to it. */
function addFour(values: Float64Array, length: number, desks: readonly Desk[], from: readonly number[]): void {
  const p = desks[0].position;
  const q = desks[1].position;
  const r = desks[2].position;
  const t = desks[3].position;
  const a = desks[0].bars.close;
  const b = desks[1].bars.close;
  const c = desks[2].bars.close;
  const d = desks[3].bars.close;
  const i = from[0];
  const k = from[1];
  const l = from[2];
  const m = from[3];
  for (let j = 0; j < length; j++) {
    values[j] = values[j] + p * a[i + j] + q * b[k + j] + r * c[l + j] + t * d[m + j];
  }
}

/** A symbol without a bar in some of the minutes keeps its last close there. */
function addSparse(
  { values, present }: Worth,
  length: number,
  desk: Desk,
  from: number,
  to: number,
  start: number,
): void {
  const { position, bars } = desk;
  let j = 0;
  let value = position * desk.last;
  for (let m = from; m < to; m++) {
    const here = bars.time[m] / MINUTE - start;
    for (; j < here; j++) values[j] += value;
    value = position * bars.close[m];
    present[here] = 1;
  }
  for (; j < length; j++) values[j] += value;
}
