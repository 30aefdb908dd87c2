import { ACTION } from '../orders/decisions.ts';
import type { Desk } from '../orders/desk.ts';
import type { Order } from '../orders/orders.ts';

/** What a symbol was asked for in the decision being made. Mutable and reused. */
export interface Wish {
  desk: Desk;
  act: number;
  /** Weight or change of weight. */
  weight: number;
  options: Order;
}

/** Sums that differ by less than this are equal. */
export const ROUNDING = 1e-9;

/**
 * Keeps the signed sum of the weights that symbols are committed to within a limit, decision by decision. What leaves is never held back: where it was the
 * hedge of the heavier side, that side is cut. Prices, exits and resting orders move the sum in between; the next decision brings it back.
 */
export class NetLimit {
  readonly #desks: readonly Desk[];
  readonly #limit: number;
  /** Of each desk: the weight before and after the decision, and where its last wish stands, -1 for none. */
  readonly #held: Float64Array;
  readonly #goal: Float64Array;
  readonly #last: Int32Array;

  constructor(desks: readonly Desk[], limit: number) {
    this.#desks = desks;
    this.#limit = limit;
    this.#held = new Float64Array(desks.length);
    this.#goal = new Float64Array(desks.length);
    this.#last = new Int32Array(desks.length);
  }

  /**
   * Cuts the heavier side where the first `count` wishes of `list` would leave it too heavy: first what they add to it, by one factor, then what is kept, by
   * another. `retarget` is called for each desk that then goes to another weight and whose last wish is no target that could be changed.
   */
  cut(list: readonly Wish[], count: number, retarget: (desk: Desk, weight: number) => void): void {
    const [held, goal] = [this.#held, this.#goal];
    const lean = this.#read(list, count);
    const excess = Math.abs(lean) - this.#limit;
    if (!(excess > ROUNDING)) return;
    const heavy = Math.sign(lean);
    let [added, kept] = [0, 0];
    for (let s = 0; s < goal.length; s++) {
      const keeps = keptOf(heavy * held[s], heavy * goal[s]);
      kept += keeps;
      added += Math.max(0, heavy * goal[s]) - keeps;
    }
    const ofAdded = share(added - excess, added);
    const ofKept = share(kept - (excess - added), kept);
    for (let s = 0; s < goal.length; s++) {
      const wanted = heavy * goal[s];
      if (!(wanted > 0)) continue;
      const keeps = keptOf(heavy * held[s], wanted);
      const weight = heavy * (keeps * ofKept + (wanted - keeps) * ofAdded);
      if (Math.abs(weight - goal[s]) <= ROUNDING) continue;
      const wish = list[this.#last[s]];
      if (this.#last[s] >= 0 && wish.act === ACTION.target) wish.weight = weight;
      else retarget(this.#desks[s], weight);
    }
  }

  /** Reads where each desk stands and goes; the sum of where they go. */
  #read(list: readonly Wish[], count: number): number {
    const [held, goal, last] = [this.#held, this.#goal, this.#last];
    for (let s = 0; s < held.length; s++) {
      held[s] = this.#desks[s].committed();
      goal[s] = held[s];
      last[s] = -1;
    }
    for (let i = 0; i < count; i++) {
      const { desk, act, weight, options } = list[i];
      const s = desk.index;
      if (act === ACTION.target) goal[s] = desk.spot ? Math.max(0, weight) : weight;
      else if (act === ACTION.flat) goal[s] = 0;
      else if (act === ACTION.order) goal[s] = ordered(goal[s], weight, desk.spot, options.reduceOnly);
      else continue;
      last[s] = i;
    }
    let lean = 0;
    for (let s = 0; s < goal.length; s++) lean += goal[s];
    return lean;
  }
}

/** The part of a wanted weight that is held already, both counted along the heavier side. */
function keptOf(held: number, wanted: number): number {
  return Math.max(0, Math.min(held, wanted));
}

function ordered(from: number, change: number, spot: boolean, reduceOnly: boolean): number {
  const to = from + change;
  if (reduceOnly && (from === 0 || from > 0 === change > 0)) return from;
  return (spot && to < 0) || (reduceOnly && to > 0 !== from > 0) ? 0 : to;
}

/** `room` as a fraction of `of`, 0 to 1. */
export function share(room: number, of: number): number {
  return of > 0 && room > ROUNDING ? Math.min(1, room / of) : 0;
}
