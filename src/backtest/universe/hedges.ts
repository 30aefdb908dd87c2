/** Part of what was asked for that has to be held at the next decision. */
const MOST = 0.8;

/**
 * What may be counted against the other side of a book. What a decision asks for at market counts at once, because both legs of a pair are asked for
 * together. Where it is not held at the next decision (refused, too small, no bars, no volume) only what is held counts, until it is.
 */
export class Hedges {
  /** Of each desk: the share of the equity that was asked for last, and 1 where it did not come. */
  readonly #asked: Float64Array;
  readonly #failed: Uint8Array;

  constructor(desks: number) {
    this.#asked = new Float64Array(desks);
    this.#failed = new Uint8Array(desks);
  }

  /** Looks what has come of what was asked for. One that failed and then asks for nothing has still failed. */
  see(held: Float64Array): void {
    for (let s = 0; s < held.length; s++) {
      const asked = this.#asked[s];
      if (asked !== 0) this.#failed[s] = held[s] * asked > 0 && Math.abs(held[s]) >= MOST * Math.abs(asked) ? 0 : 1;
    }
  }

  /** A desk that is asked in a gap: nobody knows when it trades again. */
  doubt(s: number): void {
    this.#failed[s] = 1;
  }

  /** What counts of a desk that is to go from one share of the equity to another, where side `side`, 1 or -1, is weighed. */
  counted(s: number, side: number, held: number, goal: number): number {
    return this.#failed[s] === 1 && side * goal < side * held ? held : goal;
  }

  /** Notes what is asked for. */
  ask(s: number, goal: number): void {
    this.#asked[s] = goal;
  }
}
