import type { OrderOptions } from '../../strategy/now.ts';
import type { Account } from '../account/account.ts';
import type { Marks } from '../many/marks.ts';
import { type BookLimits, WHOLE_BOOK } from '../market.ts';
import { ACTION } from '../orders/decisions.ts';
import type { Desk } from '../orders/desk.ts';
import { KIND, newOrder, type Order, readOptions } from '../orders/orders.ts';
import { clamp, request } from '../orders/requests.ts';
import type { Seat } from './seat.ts';

/** What a symbol was asked for in the decision being made. Mutable and reused. */
interface Wish {
  desk: Desk;
  act: number;
  /** Weight or change of weight. */
  weight: number;
  options: Order;
}

/** Sums that differ by less than this are equal. */
const ROUNDING = 1e-9;

/**
 * The orders of one decision of a universe. They are heard in the order in which they are given and carried out together when decide() has
 * returned, so that limits of the whole book cut all of them alike.
 */
export class Wishes {
  readonly #account: Account;
  readonly #desks: readonly Desk[];
  readonly #marks: Marks;
  readonly #limits: BookLimits;
  readonly #list: Wish[] = [];
  #count = 0;
  /** Of each desk: the weight that it is committed to, what stays of it, and what the decision adds to it, at least 0, with its sign. */
  readonly #held: Float64Array;
  readonly #base: Float64Array;
  readonly #added: Float64Array;
  readonly #side: Float64Array;
  /** Index of the wish that says where each desk goes, -1 for none. */
  readonly #last: Int32Array;

  constructor(account: Account, desks: readonly Desk[], marks: Marks, limits: BookLimits = WHOLE_BOOK) {
    this.#account = account;
    this.#desks = desks;
    this.#marks = marks;
    this.#limits = limits;
    this.#held = new Float64Array(desks.length);
    this.#base = new Float64Array(desks.length);
    this.#added = new Float64Array(desks.length);
    this.#side = new Float64Array(desks.length);
    this.#last = new Int32Array(desks.length);
  }

  /** Takes a request as decide() makes it; throws TypeError for options or a weight that are no numbers. */
  add({ desk, ready }: Seat, act: number, weight: number, options: OrderOptions | undefined): void {
    const wish = this.#list[this.#count] ?? { desk, act, weight, options: newOrder() };
    this.#list[this.#count] = wish;
    readOptions(wish.options, options);
    wish.desk = desk;
    wish.act = act;
    wish.weight = clamp(weight);
    if (ready) this.#count += 1;
    else if (act <= ACTION.order && weight !== 0) this.#account.refused += 1;
  }

  /** Carries out what was asked for since the last call. */
  settle(): void {
    if (this.#count === 0) return;
    this.#cut();
    for (let i = 0; i < this.#count; i++) {
      const wish = this.#list[i];
      const { desk } = wish;
      const spare = desk.draft;
      desk.draft = wish.options;
      wish.options = spare;
      request(desk, wish.act, wish.weight);
      this.#marks.read(desk.index);
    }
    this.#count = 0;
  }

  /**
   * Cuts the targets to the limits of the book. What every symbol keeps of its weight comes first; what the decision adds is cut by one
   * factor for all where the sum of |weight| would go beyond the gross limit, then on the heavier side where the signed
   * sum would go beyond the net one. The last target of a symbol counts.
   */
  #cut(): void {
    const { gross, net } = this.#limits;
    const weights = this.#held;
    const base = this.#base;
    const added = this.#added;
    const side = this.#side;
    const last = this.#last;
    last.fill(-1);
    // Loops by index: frozen intrinsics make those over iterators slow.
    for (let s = 0; s < base.length; s++) {
      const held = committed(this.#desks[s]);
      weights[s] = held;
      base[s] = Math.abs(held);
      added[s] = 0;
      side[s] = Math.sign(held);
    }
    for (let i = 0; i < this.#count; i++) {
      const { desk, act, weight } = this.#list[i];
      if (act !== ACTION.target && act !== ACTION.flat) continue;
      const held = weights[desk.index];
      const wanted = act === ACTION.flat || (desk.spot && weight < 0) ? 0 : weight;
      base[desk.index] = held * wanted > 0 ? Math.min(Math.abs(held), Math.abs(wanted)) : 0;
      added[desk.index] = Math.abs(wanted) - base[desk.index];
      side[desk.index] = Math.sign(wanted);
      last[desk.index] = i;
    }
    const kept = sum(base);
    const more = sum(added);
    const tooMuch = kept + more > gross + ROUNDING;
    if (tooMuch) scale(added, share(gross - kept, more));
    const lean = dot(side, base) + dot(side, added);
    const heavy = Math.sign(lean);
    if (!tooMuch && !(Math.abs(lean) > net + ROUNDING)) return;
    if (Math.abs(lean) > net + ROUNDING) {
      const heavier = side.map((each, i) => (each === heavy ? added[i] : 0));
      const factor = share(sum(heavier) - (Math.abs(lean) - net), sum(heavier));
      for (let s = 0; s < side.length; s++) if (side[s] === heavy) added[s] *= factor;
    }
    for (let s = 0; s < last.length; s++) {
      const wish = this.#list[last[s]];
      // A short of spot is left as it is: it is refused, and counted, where it is carried out.
      if (wish?.act !== ACTION.target || last[s] < 0 || (wish.desk.spot && wish.weight < 0)) continue;
      const whole = Math.abs(wish.weight) - base[s];
      // The weight itself where nothing was cut: a sum of its parts could be off by a rounding.
      if (added[s] < whole) wish.weight = Math.sign(wish.weight) * (base[s] + added[s]);
    }
  }
}

/** The weight that a symbol holds or is on its way to, signed. */
function committed(desk: Desk): number {
  for (let i = 0; i < desk.count; i++) {
    const { kind, weight, expires } = desk.orders[i];
    if (kind === KIND.target && !(expires <= desk.next())) return weight;
  }
  if (desk.position === 0) return 0;
  return Number.isNaN(desk.held) ? (desk.position * desk.mark()) / desk.account.equity() : desk.held;
}

function share(room: number, of: number): number {
  return of > 0 && room > ROUNDING ? Math.min(1, room / of) : 0;
}

function scale(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
