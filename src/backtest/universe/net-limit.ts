import { ACTION } from '../orders/decisions.ts';
import type { Desk } from '../orders/desk.ts';
import type { Order } from '../orders/orders.ts';
import { Hedges } from './hedges.ts';

/** What a symbol was asked for in the decision being made. Mutable and reused. */
export interface Wish {
  desk: Desk;
  act: number;
  /** Weight or change of weight. */
  weight: number;
  options: Order;
  /** A bar of its symbol has just closed. */
  live: boolean;
}

/** Sums that differ by less than this are equal. */
export const ROUNDING = 1e-9;

/** What is held is left alone while it is beyond the limit by less than this share of the equity: prices move it with every bar. */
const BAND = 0.02;

/** A target that the limit leaves with less than this share of what is held on top changes nothing: prices move as much with every bar. */
const DRIFT = 0.1;

const BOTH = [1, -1] as const;
type Side = (typeof BOTH)[number];

/**
 * Keeps the signed sum of what positions are worth, as a share of the equity, within a limit, decision by decision. On a side that would be too heavy it
 * cuts what the decision adds at market, by one factor; then what is held, by another; then new orders that wait for a price. It never adds,
 * and what leaves is never held back. Exits and waiting orders that fill move the sum in between.
 */
export class NetLimit {
  readonly #desks: readonly Desk[];
  readonly #limit: number;
  readonly #hedges: Hedges;
  /** Of each desk: the share of the equity before the decision, and after what it asks for at market. */
  readonly #held: Float64Array;
  readonly #goal: Float64Array;
  /** Of each desk: the first wish that counts, because none behind it takes it back. */
  readonly #first: Int32Array;

  constructor(desks: readonly Desk[], limit: number) {
    this.#desks = desks;
    this.#limit = limit;
    this.#hedges = new Hedges(desks.length);
    this.#held = new Float64Array(desks.length);
    this.#goal = new Float64Array(desks.length);
    this.#first = new Int32Array(desks.length);
  }

  /** Cuts the first `count` wishes of `list`. `reduce` is called for each desk of which a part has to be sold that no wish asks to sell: a change of weight. */
  cut(list: readonly Wish[], count: number, reduce: (desk: Desk, change: number) => void): void {
    this.#read(list, count);
    this.#hedges.see(this.#held);
    for (let i = 0; i < count; i++) if (!list[i].live) this.#hedges.doubt(list[i].desk.index);
    for (const side of BOTH) this.#lighten(side, list, count, reduce);
    for (const side of BOTH) this.#wait(side, list, count);
    for (let i = 0; i < count; i++) this.#hedges.ask(list[i].desk.index, this.#goal[list[i].desk.index]);
  }

  /** Reads where each desk stands, and where wishes at market bring it. */
  #read(list: readonly Wish[], count: number): void {
    const [held, goal, first] = [this.#held, this.#goal, this.#first];
    for (let s = 0; s < held.length; s++) {
      const { position, account } = this.#desks[s];
      held[s] = position === 0 ? 0 : (position * this.#desks[s].mark()) / account.equity();
      goal[s] = held[s];
      first[s] = 0;
    }
    for (let i = 0; i < count; i++) {
      const { desk, act } = list[i];
      const s = desk.index;
      if (act === ACTION.order) goal[s] = ordered(list[i], goal[s], held[s]);
      else if (act !== ACTION.protect) {
        goal[s] = act === ACTION.flat ? 0 : act === ACTION.target ? targeted(list[i], held[s]) : held[s];
        first[s] = i;
      }
    }
  }

  #lighten(side: Side, list: readonly Wish[], count: number, reduce: (desk: Desk, change: number) => void): void {
    const [held, goal] = [this.#held, this.#goal];
    let [lean, added, kept] = [0, 0, 0];
    for (let s = 0; s < goal.length; s++) {
      lean += side * this.#hedges.counted(s, side, held[s], goal[s]);
      const keeps = keptOf(side * held[s], side * goal[s]);
      kept += keeps;
      added += Math.max(0, side * goal[s]) - keeps;
    }
    const excess = lean - this.#limit;
    if (!(excess > ROUNDING)) return;
    const ofAdded = share(added - excess, added);
    const beyond = excess - added;
    const ofKept = beyond > BAND ? share(kept - beyond, kept) : 1;
    for (let s = 0; s < goal.length; s++) {
      const wanted = side * goal[s];
      if (!(wanted > 0)) continue;
      const keeps = keptOf(side * held[s], wanted);
      const left = keeps * ofKept + (wanted - keeps) * ofAdded;
      if (wanted - left <= ROUNDING) continue;
      goal[s] = side * left;
      const unmet = this.#takeFrom(list, count, s, side, wanted - left);
      if (unmet > ROUNDING) reduce(this.#desks[s], -side * unmet);
    }
  }

  /** Takes an amount from the wishes of a desk that add at market, the last first, or have it go to a weight; what is left of the amount. */
  #takeFrom(list: readonly Wish[], count: number, s: number, side: Side, amount: number): number {
    let left = amount;
    for (let i = count - 1; i >= this.#first[s] && left > ROUNDING; i--) {
      const wish = list[i];
      if (wish.desk.index !== s || waits(wish) || wish.options.reduceOnly || !(side * wish.weight > 0)) continue;
      if (wish.act !== ACTION.target && wish.act !== ACTION.order) continue;
      // One that asks for what is held already is answered by nothing.
      if (wish.act === ACTION.target && wish.weight === wish.desk.held) continue;
      const part = Math.min(left, side * wish.weight);
      wish.weight -= side * part;
      left -= part;
      if (wish.act === ACTION.target && leaveAsHeld(wish, this.#held[s])) this.#goal[s] = this.#held[s];
    }
    return left;
  }

  /** Cuts new orders that wait for a price, so that all that wait and open on a side may fill together. */
  #wait(side: Side, list: readonly Wish[], count: number): void {
    let [lean, waiting, asked] = [0, 0, 0];
    for (let s = 0; s < this.#goal.length; s++) {
      lean += side * this.#goal[s];
      waiting += this.#waitingOf(s, side, list, count);
    }
    for (let i = 0; i < count; i++) asked += Math.max(0, side * this.#opening(list, i));
    if (asked === 0 || lean + waiting + asked <= this.#limit + ROUNDING) return;
    const factor = share(this.#limit - lean - waiting, asked);
    for (let i = 0; i < count; i++) {
      const opening = this.#opening(list, i);
      if (side * opening > 0) list[i].weight -= opening * (1 - factor);
    }
  }

  /** What a wish that waits for a price would add, signed; 0 for all others. */
  #opening(list: readonly Wish[], i: number): number {
    const { desk, act, weight, options } = list[i];
    if (i < this.#first[desk.index] || options.reduceOnly || !waits(list[i])) return 0;
    if (act === ACTION.order) return weight;
    return act === ACTION.target ? weight - this.#held[desk.index] : 0;
  }

  /** What orders of earlier decisions would add on a side while they wait, where no wish takes them back. */
  #waitingOf(s: number, side: Side, list: readonly Wish[], count: number): number {
    for (let i = this.#first[s]; i < count; i++) {
      const { desk, act } = list[i];
      if (desk.index === s && act !== ACTION.order && act !== ACTION.protect) return 0;
    }
    return this.#desks[s].waitingWeight(side, this.#held[s]);
  }
}

/**
 * Has a target that the limit has cut ask for the weight that is held, a share `held` of the equity, where it would add little; whether it does. Where it
 * does not, what the held weight once stood for is no answer: it could be that of the cut and worth another share by now.
 */
function leaveAsHeld(wish: Wish, held: number): boolean {
  const { desk, weight } = wish;
  if (desk.position * weight <= 0) return false;
  const more = Math.abs(weight) - Math.abs(held);
  const leaves = more > -ROUNDING && more < DRIFT * Math.abs(held);
  if (!leaves) desk.held = Number.NaN;
  else if (!(desk.held * weight > 0)) desk.held = held;
  if (leaves) wish.weight = desk.held;
  return leaves;
}

/** Where a target brings a desk at the next open. */
function targeted(wish: Wish, held: number): number {
  const { desk, weight, options } = wish;
  const wanted = desk.spot ? Math.max(0, weight) : weight;
  if (waits(wish) || wanted === desk.held) return held;
  return options.reduceOnly ? towardZero(held, wanted - held) : wanted;
}

/** Where an order brings a desk that goes to `goal` already. */
function ordered(wish: Wish, goal: number, held: number): number {
  const { desk, weight, options } = wish;
  if (waits(wish)) return goal;
  // What only reduces is refused where nothing is held yet.
  if (options.reduceOnly) return held * weight < 0 ? towardZero(goal, weight) : goal;
  return desk.spot ? Math.max(0, goal + weight) : goal + weight;
}

function towardZero(from: number, change: number): number {
  if (from * change >= 0) return from;
  return from > 0 ? Math.max(0, from + change) : Math.min(0, from + change);
}

/** Whether it waits for a price. */
function waits({ options: { limit, trigger } }: Wish): boolean {
  return !(Number.isNaN(limit) && Number.isNaN(trigger));
}

/** The part of a wanted weight that is held already, both counted along one side. */
function keptOf(held: number, wanted: number): number {
  return Math.max(0, Math.min(held, wanted));
}

/** `room` as a fraction of `of`, 0 to 1. */
export function share(room: number, of: number): number {
  return of > 0 && room > ROUNDING ? Math.min(1, room / of) : 0;
}
