import { mixed, textHash } from '../../../src/base/random.ts';
import type { Candle } from './candles.ts';
import { type Exits, nearestStop, noExits } from './exits.ts';
import { affordable, type Holding } from './position.ts';
import type { Limits, Rules } from './rules.ts';
import { atMarket, betterOfPair, insidePrice, reasonOf, restOf, type Ticket, waits } from './ticket.ts';

/** How a position came about in the minute that is being played. */
type Entry = 'before' | 'open' | 'rising' | 'falling';

/**
 * One symbol's minutes, played one after the other in the documented order: funding; orders and exits at the open; orders
 * that enlarge; the stop; orders that reduce; the target; ruin. Every minute is played in full: nothing is ever skipped.
 */
export class Floor {
  tickets: Ticket[] = [];
  exits: Exits = noExits();
  /** Weight that the position stands for; NaN while unknown. */
  weight = 0;
  #entry: Entry = 'before';
  #entryAt: number | undefined;
  #volume = Infinity;
  readonly holding: Holding;
  readonly rules: Rules;
  readonly limits: Limits;

  constructor(holding: Holding, rules: Rules, limits: Limits) {
    this.holding = holding;
    this.rules = rules;
    this.limits = limits;
  }

  play(candle: Candle, index: number, before: Candle | undefined, decision: number): void {
    const { holding } = this;
    this.#entry = 'before';
    this.#entryAt = undefined;
    this.#volume = this.rules.volumeOf(candle);
    if (holding.quantity !== 0 && before) holding.payFunding(this.rules, before.at, candle.at, before.close);
    this.#atOpen(candle, index, decision);
    if (holding.quantity !== 0) this.#exitsAtOpen(candle, index, decision);
    this.#enlarging(candle, index, decision);
    if (holding.quantity !== 0) this.#stop(candle, index, decision);
    this.#reducing(candle, index, decision);
    if (holding.quantity !== 0) this.#target(candle, index, decision);
    this.tickets = this.tickets.filter(({ dead }) => !dead);
    this.#ruin(candle, decision);
  }

  /** Sells what is held at the last close there was: the symbol trades no more. */
  delist(candle: Candle, index: number, decision: number): void {
    this.tickets = [];
    this.#volume = Infinity;
    if (this.holding.quantity !== 0) this.#leave(candle, index, candle.close, true, 'delisting', decision);
  }

  /** Sets exits; a new trailing stop begins to follow at `price`. */
  protect({ stop, target, trail }: Pick<Ticket, 'stop' | 'target' | 'trail'>, price: number): void {
    if (stop !== undefined) this.exits.stop = stop ?? undefined;
    if (target !== undefined) this.exits.target = target ?? undefined;
    if (trail === undefined) return;
    if (this.exits.trail === undefined) this.exits.best = price;
    this.exits.trail = trail ?? undefined;
  }

  #atOpen(candle: Candle, index: number, decision: number): void {
    for (const ticket of [...this.tickets]) {
      if (ticket.dead || ticket.from > index) continue;
      if (ticket.until <= index) {
        ticket.dead = true;
        continue;
      }
      if (ticket.kind === 'protect') {
        if (this.holding.quantity !== 0) this.protect(ticket, candle.open);
        ticket.dead = true;
        continue;
      }
      const resting = ticket.waited && !waits(ticket);
      ticket.waited = true;
      if (waits(ticket) && ticket.side * (candle.open - ticket.trigger!) >= 0) ticket.touched = true;
      if (waits(ticket)) continue;
      if (ticket.limit === undefined) this.#fill(ticket, candle, candle.open, true, 'open', decision);
      else if (ticket.side * (ticket.limit - candle.open) > 0)
        this.#fill(ticket, candle, candle.open, !resting, 'open', decision);
    }
  }

  #exitsAtOpen(candle: Candle, index: number, decision: number): void {
    const side = Math.sign(this.holding.quantity);
    const { level, name } = nearestStop(this.exits, side);
    if (level !== undefined && side * (candle.open - level) <= 0)
      this.#leave(candle, index, candle.open, true, name, decision);
    else if (this.exits.target !== undefined && side * (candle.open - this.exits.target) >= 0) {
      this.#leave(candle, index, candle.open, this.#entry === 'open', 'target', decision);
    }
  }

  #enlarging(candle: Candle, index: number, decision: number): void {
    if (this.holding.quantity === 0) {
      for (const ticket of betterOfPair(this.tickets, candle, index)) ticket.seen = index;
    }
    for (const ticket of [...this.tickets]) {
      if (this.#idle(ticket, index) || ticket.side * this.holding.quantity < 0) continue;
      this.#inside(ticket, candle, index, decision);
    }
  }

  #reducing(candle: Candle, index: number, decision: number): void {
    const before = this.holding.quantity;
    for (const triggers of [true, false]) {
      for (const ticket of [...this.tickets]) {
        if (!this.#idle(ticket, index) && waits(ticket) === triggers) this.#inside(ticket, candle, index, decision);
      }
    }
    if (this.holding.quantity !== 0 && this.holding.quantity !== before) this.#stop(candle, index, decision);
  }

  #idle(ticket: Ticket, index: number): boolean {
    return ticket.dead || ticket.kind === 'protect' || ticket.from > index || ticket.seen === index || atMarket(ticket);
  }

  #inside(ticket: Ticket, candle: Candle, index: number, decision: number): void {
    ticket.seen = index;
    const waiting = waits(ticket);
    const price = insidePrice(ticket, candle);
    if (price === undefined) return;
    // A profit on what was bought inside this bar needs a close beyond it: the rest of the bar may be older.
    const reduces = ticket.side * this.holding.quantity < 0;
    const late = this.#entry === 'falling' && !waiting && reduces;
    if (late && ticket.side * (candle.close - ticket.limit!) >= 0) return;
    const taker = waiting && price === ticket.trigger;
    ticket.touched = true;
    this.#fill(ticket, candle, price, taker, taker ? 'rising' : 'falling', decision);
  }

  #stop(candle: Candle, index: number, decision: number): void {
    const side = Math.sign(this.holding.quantity);
    const [worst, best] = side > 0 ? [candle.low, candle.high] : [candle.high, candle.low];
    const { level, name } = nearestStop(this.exits, side);
    if (level !== undefined && side * (worst - level) <= 0) {
      const entry = this.#entryAt;
      const price = entry !== undefined && side * (level - entry) > 0 ? entry : level;
      this.#leave(candle, index, price, true, name, decision);
      return;
    }
    const { trail } = this.exits;
    if (trail === undefined || this.#entry === 'falling' || side * (best - this.exits.best) <= 0) return;
    const pulled = this.rules.worse(best - side * trail, -side);
    if (side * (worst - pulled) <= 0) this.#leave(candle, index, worst, true, 'trailing', decision);
  }

  #target(candle: Candle, index: number, decision: number): void {
    const side = Math.sign(this.holding.quantity);
    const best = this.#entry === 'falling' ? candle.close : side > 0 ? candle.high : candle.low;
    const { target } = this.exits;
    if (target !== undefined && side * (best - target) >= 0)
      this.#leave(candle, index, target, false, 'target', decision);
    else if (side * (best - this.exits.best) > 0) this.exits.best = best;
  }

  #fill(ticket: Ticket, candle: Candle, price: number, taker: boolean, entry: Entry, decision: number): void {
    const { holding, rules } = this;
    const { side } = ticket;
    const before = holding.quantity;
    let size = side * (ticket.kind === 'target' ? ticket.desired - before : ticket.left);
    if (size <= 0) {
      ticket.dead = true;
      return;
    }
    const held = Math.abs(before);
    let closing = before * side < 0 ? Math.min(held, size) : 0;
    if (closing > 0 && Math.abs(held - size) < held * 1e-9) size = closing = held;
    let opening = ticket.reduceOnly ? 0 : size - closing;
    if (opening > 0 && !ticket.begun && this.#misses(candle)) opening = 0;
    let at = taker ? rules.taken(price, side * (closing + opening), candle) : price;
    if (taker && ticket.limit !== undefined && side * (at - ticket.limit) > 0) at = ticket.limit;
    if (opening > 0) {
      const most = affordable(holding, this.limits, side, closing, at, rules.fee(taker));
      if (opening > most) opening = rules.lots(most);
    }
    size = closing + opening;
    const traded = size > this.#volume ? rules.lots(this.#volume) : size;
    ticket.dead = traded === size;
    if (traded <= 0) return;
    const stood = before === 0 ? 0 : this.weight;
    this.#book(candle, decision, side * traded, at, taker, reasonOf(ticket));
    ticket.left -= side * traded;
    if (traded > closing) this.#entered(entry, at);
    this.#settle(ticket, before, stood, at);
    ticket.begun = true;
  }

  #entered(entry: Entry, price: number): void {
    const order: Entry[] = ['before', 'open', 'rising', 'falling'];
    if (order.indexOf(entry) > order.indexOf(this.#entry)) this.#entry = entry;
    if (entry === 'rising' || entry === 'falling') this.#entryAt = price;
  }

  #settle(ticket: Ticket, before: number, stood: number, price: number): void {
    const { quantity } = this.holding;
    if (quantity !== 0) {
      const opened = before * quantity <= 0;
      // What turned a position of an unknown weight round has its own.
      const from = opened && Number.isNaN(stood) ? 0 : stood;
      if (!ticket.dead || this.#isShort(ticket, price)) this.weight = Number.NaN;
      else this.weight = ticket.kind === 'target' ? ticket.weight : from + ticket.weight;
      // An order that goes to the other side has no exits for what is still held on this one.
      const turns = ticket.kind === 'target' && ticket.desired * quantity < 0;
      if (opened || (!ticket.begun && !turns)) this.protect(ticket, price);
    }
    if (ticket.oco) for (const other of this.tickets) if (other !== ticket && other.oco) other.dead = true;
  }

  /** Whether a target that is over got less than nine tenths of what it asked for, a lot aside, in units and of its part of the equity. */
  #isShort({ kind, weight, desired }: Ticket, price: number): boolean {
    const { holding, limits, rules } = this;
    const units = Math.abs(holding.quantity) + rules.costs.lot;
    const part = (limits.spot ? 1 : limits.leverage) * (holding.worth(price) / holding.purse.holdings.length);
    return kind === 'target' && units < 0.9 * Math.abs(desired) && units * price < 0.9 * Math.abs(weight) * part;
  }

  #misses({ at }: Candle): boolean {
    const { missEvery, symbol } = this.limits;
    return missEvery > 0 && (mixed(textHash(symbol), at / 60_000) >>> 0) % missEvery === 0;
  }

  #leave(candle: Candle, index: number, price: number, taker: boolean, reason: string, decision: number): void {
    const { quantity } = this.holding;
    const side = -Math.sign(quantity);
    this.tickets = this.tickets.filter((ticket) => !ticket.begun || ticket.side === side);
    const whole = Math.abs(quantity);
    const size = whole > this.#volume ? this.rules.lots(this.#volume) : whole;
    const at = taker ? this.rules.taken(price, side * size, candle) : price;
    if (size > 0) this.#book(candle, decision, side * size, at, taker, reason);
    if (size === whole) return;
    // What is left is still the same position: it keeps its best price, in case it is given a trailing stop again.
    this.exits = { ...noExits(), best: this.exits.best };
    this.tickets.push(restOf(side, index, reason));
  }

  #book(candle: Candle, decision: number, quantity: number, price: number, taker: boolean, reason: string): void {
    const before = this.holding.quantity;
    this.#volume -= Math.abs(quantity);
    const ended = this.holding.trade(candle.at, decision, quantity, price, this.rules.fee(taker), reason);
    if (ended) {
      this.weight = 0;
      this.exits = noExits();
    }
    if (before === 0 || ended) this.exits.best = this.holding.quantity === 0 ? Number.NaN : price;
  }

  #ruin(candle: Candle, decision: number): void {
    const { holding } = this;
    const { quantity } = holding;
    const worst = quantity >= 0 ? candle.low : candle.high;
    if (holding.worth(worst) > 0) return;
    const zero = Math.max(0, -holding.worth(0) / quantity);
    if (quantity !== 0) this.#book(candle, decision, -quantity, zero, true, 'liquidation');
    holding.purse.ruined = true;
  }
}
