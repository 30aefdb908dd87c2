import type { OrderOptions } from '../../strategy/now.ts';
import type { Account } from '../account/account.ts';
import type { Marks } from '../many/marks.ts';
import { type BookLimits, WHOLE_BOOK } from '../market.ts';
import { ACTION } from '../orders/decisions.ts';
import type { Desk } from '../orders/desk.ts';
import { KIND, newOrder, renew, type Terms, termsOf } from '../orders/orders.ts';
import { clamp, request, sized } from '../orders/requests.ts';
import { NetLimit, ROUNDING, share, type Wish } from './net-limit.ts';
import type { Seat } from './seat.ts';

const REDUCE: Terms = termsOf({ reduceOnly: true });

/**
 * The orders of one decision of a universe. They are heard in the order in which they are given and carried out together when decide() has
 * returned, so that limits of the whole book cut all of them alike.
 */
export class Wishes {
  readonly #account: Account;
  readonly #desks: readonly Desk[];
  readonly #marks: Marks;
  readonly #gross: number;
  /** Undefined where the gross limit is the narrower one. */
  readonly #net: NetLimit | undefined;
  readonly #list: Wish[] = [];
  #count = 0;
  /** Of each desk: the weight that it is committed to, what stays of it, and what the decision adds to it, at least 0. */
  readonly #held: Float64Array;
  readonly #base: Float64Array;
  readonly #added: Float64Array;
  /** Index of the wish that says where each desk goes, -1 for none. */
  readonly #last: Int32Array;

  constructor(account: Account, desks: readonly Desk[], marks: Marks, limits: BookLimits = WHOLE_BOOK) {
    this.#account = account;
    this.#desks = desks;
    this.#marks = marks;
    this.#gross = limits.gross;
    this.#net = limits.net < limits.gross ? new NetLimit(desks, limits.net) : undefined;
    this.#held = new Float64Array(desks.length);
    this.#base = new Float64Array(desks.length);
    this.#added = new Float64Array(desks.length);
    this.#last = new Int32Array(desks.length);
  }

  /** Takes a request as decide() makes it; throws TypeError for options or a weight that are no numbers. */
  add({ desk, ready, live }: Seat, act: number, weight: number, options: OrderOptions | undefined): void {
    const terms = termsOf(options);
    this.#write(desk, act, clamp(weight), terms).live = live;
    if (ready) this.#count += 1;
    else if (act <= ACTION.order && weight !== 0) this.#account.refused += 1;
  }

  #write(desk: Desk, act: number, weight: number, terms: Terms): Wish {
    const wish = this.#list[this.#count] ?? { desk, act, weight, options: newOrder(), live: true };
    this.#list[this.#count] = wish;
    renew(wish.options, terms);
    wish.desk = desk;
    wish.act = act;
    wish.weight = weight;
    return wish;
  }

  /** Carries out what was asked for since the last call. */
  settle(): void {
    if (this.#count > 0) this.#cut();
    this.#net?.cut(this.#list, this.#count, (desk, change) => {
      // Nobody asked for it, so that nobody is to be told that it is less than a lot.
      if (sized(desk, change) === 0) return;
      this.#write(desk, ACTION.order, clamp(change), REDUCE);
      this.#count += 1;
    });
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
   * Cuts the targets to the gross limit of the book. What every symbol keeps of its weight comes first; what the decision adds is cut by one
   * factor for all where the sum of |weight| would go beyond it. The last target of a symbol counts.
   */
  #cut(): void {
    const weights = this.#held;
    const base = this.#base;
    const added = this.#added;
    const last = this.#last;
    last.fill(-1);
    // Loops by index: frozen intrinsics make those over iterators slow.
    for (let s = 0; s < base.length; s++) {
      const held = committed(this.#desks[s]);
      weights[s] = held;
      base[s] = Math.abs(held);
      added[s] = 0;
    }
    for (let i = 0; i < this.#count; i++) {
      const { desk, act, weight } = this.#list[i];
      if (act !== ACTION.target && act !== ACTION.flat) continue;
      const held = weights[desk.index];
      const wanted = act === ACTION.flat || (desk.spot && weight < 0) ? 0 : weight;
      base[desk.index] = held * wanted > 0 ? Math.min(Math.abs(held), Math.abs(wanted)) : 0;
      added[desk.index] = Math.abs(wanted) - base[desk.index];
      last[desk.index] = i;
    }
    const kept = sum(base);
    const more = sum(added);
    if (!(kept + more > this.#gross + ROUNDING)) return;
    scale(added, share(this.#gross - kept, more));
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

function scale(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
