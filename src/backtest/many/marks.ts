import type { Desk } from '../orders/desk.ts';

/**
 * What is looked at minute by minute, of all desks side by side in columns: a look at a desk follows two pointers for every number. Read again
 * after every call that may have changed a desk.
 */
export class Marks {
  readonly position: Float64Array;
  /** Last 1-minute price of what is held. */
  readonly last: Float64Array;
  readonly wake: Int32Array;
  readonly down: Float64Array;
  readonly up: Float64Array;
  /** 1: nothing is held and nothing waits. */
  readonly idle: Uint8Array;
  /** 1: read since this was set to 0. */
  readonly fresh: Uint8Array;
  /** How many are held short. */
  shorts = 0;
  readonly #desks: readonly Desk[];

  constructor(desks: readonly Desk[]) {
    this.#desks = desks;
    const { length } = desks;
    this.position = new Float64Array(length);
    this.last = new Float64Array(length);
    this.wake = new Int32Array(length);
    this.down = new Float64Array(length);
    this.up = new Float64Array(length);
    this.idle = new Uint8Array(length);
    this.fresh = new Uint8Array(length);
    for (let s = 0; s < length; s++) this.read(s);
  }

  /** Whether anything is held. */
  held(): boolean {
    for (let s = 0; s < this.position.length; s++) if (this.position[s] !== 0) return true;
    return false;
  }

  /** Takes the numbers of desk `s` as they are now. */
  read(s: number): void {
    const desk = this.#desks[s];
    this.shorts += (desk.position < 0 ? 1 : 0) - (this.position[s] < 0 ? 1 : 0);
    this.position[s] = desk.position;
    this.wake[s] = desk.wake;
    this.down[s] = desk.down;
    this.up[s] = desk.up;
    this.idle[s] = desk.position === 0 && desk.count === 0 ? 1 : 0;
    this.fresh[s] = 1;
    desk.changed = false;
  }
}
