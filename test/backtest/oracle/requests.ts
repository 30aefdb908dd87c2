import type { OrderOptions, Protection } from '../../../src/strategy/now.ts';
import type { Floor } from './minute.ts';
import type { Ticket } from './ticket.ts';

/** Moment of a decision: what orders need to know of it. */
export interface Moment {
  readonly close: number;
  /** Index of the first minute after the decision bar. */
  readonly next: number;
  /** Index of the minute after so many more decision bars, Infinity for none. */
  minuteAfter(bars: number): number;
  /** Base units of a weight at this close. */
  units(weight: number): number;
}

/** Turns what decide() asks for into tickets on the floor. */
export class Counter {
  refused = 0;
  readonly floor: Floor;
  readonly delay: number;

  constructor(floor: Floor, delay: number) {
    this.floor = floor;
    this.delay = delay;
  }

  target(moment: Moment, asked: number, options: OrderOptions = {}): void {
    const { floor } = this;
    let weight = clamp(asked);
    if (floor.limits.spot && weight < 0) {
      this.refused += 1;
      weight = 0;
    }
    const standing = this.#standing(moment, weight, options);
    if (standing) {
      const side = Math.sign(standing.desired);
      const fresh = this.#levels(options, side === 0 ? -1 : side);
      standing.stop = fresh.stop === undefined ? standing.stop : fresh.stop;
      standing.target = fresh.target === undefined ? standing.target : fresh.target;
      standing.trail = fresh.trail === undefined ? standing.trail : fresh.trail;
      standing.until = options.bars === undefined ? Infinity : moment.minuteAfter(options.bars);
      floor.tickets = floor.tickets.filter((other) => other === standing || other.kind === 'protect');
      return;
    }
    floor.tickets = [];
    if (weight === floor.weight) this.#protection(moment, options);
    else this.#place(moment, 'target', weight, options);
  }

  order(moment: Moment, change: number, options: OrderOptions = {}): void {
    this.#place(moment, 'change', clamp(change), options);
  }

  protect(moment: Moment, levels: Protection): void {
    this.#protection(moment, levels);
  }

  flat(moment: Moment): void {
    const { floor } = this;
    const standing = this.#standing(moment, 0, {});
    floor.tickets = standing ? [standing] : [];
    if (!standing && floor.holding.quantity !== 0) this.#place(moment, 'target', 0, {});
  }

  cancel(): void {
    this.floor.tickets = [];
  }

  working(moment: Moment): number {
    return this.floor.tickets.filter(({ kind, until }) => kind !== 'protect' && until > moment.next).length;
  }

  /** A target for the same weight at the same prices that still waits. */
  #standing(moment: Moment, weight: number, { limit, trigger }: OrderOptions): Ticket | undefined {
    const { rules, tickets } = this.floor;
    return tickets.find(
      (ticket) =>
        ticket.kind === 'target' &&
        ticket.weight === weight &&
        ticket.until > moment.next &&
        ticket.limit === (limit === undefined ? undefined : rules.harder(limit, ticket.side)) &&
        ticket.trigger === (trigger === undefined ? undefined : rules.worse(trigger, ticket.side)),
    );
  }

  #place(moment: Moment, kind: 'target' | 'change', weight: number, options: OrderOptions): void {
    const { floor } = this;
    const { rules, holding, limits } = floor;
    const { quantity } = holding;
    const units = weight === 0 ? 0 : rules.lots(moment.units(weight));
    const change = kind === 'target' ? units - quantity : units;
    const opens = quantity === 0 || quantity > 0 === change > 0;
    const small = opens ? !rules.enough(change, moment.close) : change === 0;
    const pointless =
      opens && options.reduceOnly === true && options.limit === undefined && options.trigger === undefined;
    const buys = floor.tickets.some(({ side, kind: other }) => side > 0 && other !== 'protect');
    const naked = limits.spot && kind === 'change' && change < 0 && quantity <= 0 && !buys;
    if (small || pointless || naked || floor.tickets.length >= 64) {
      this.refused += 1;
      return;
    }
    const side = change > 0 ? 1 : -1;
    const long = (kind === 'change' ? side : units) > 0 ? 1 : -1;
    floor.tickets.push({
      kind,
      weight,
      side,
      desired: units,
      left: units,
      limit: options.limit === undefined ? undefined : rules.harder(options.limit, side),
      trigger: options.trigger === undefined ? undefined : rules.worse(options.trigger, side),
      ...this.#levels(options, long),
      from: moment.next + this.delay,
      until: options.bars === undefined ? Infinity : moment.minuteAfter(options.bars),
      reduceOnly: options.reduceOnly === true,
      oco: options.oco === true,
      waited: false,
      touched: false,
      begun: false,
      dead: false,
      seen: -1,
      reason: undefined,
    });
  }

  #protection(moment: Moment, levels: Protection): void {
    const { floor, delay } = this;
    const { stop, target, trail } = levels;
    if (floor.holding.quantity === 0 || (stop === undefined && target === undefined && trail === undefined)) return;
    const rounded = this.#levels(levels, Math.sign(floor.holding.quantity));
    if (delay === 0) {
      floor.protect(rounded, moment.close);
      return;
    }
    const none = { limit: undefined, trigger: undefined, reason: undefined };
    const state = { waited: false, touched: false, begun: false, dead: false, seen: -1, reduceOnly: false, oco: false };
    const numbers = { weight: Number.NaN, side: 1, desired: Number.NaN, left: Number.NaN };
    floor.tickets.push({
      kind: 'protect',
      ...numbers,
      ...none,
      ...state,
      ...rounded,
      from: moment.next + delay,
      until: Infinity,
    });
  }

  /** Exits of a position on `side`, on the tick. */
  #levels({ stop, target, trail }: Protection, side: number): Pick<Ticket, 'stop' | 'target' | 'trail'> {
    const { rules } = this.floor;
    return {
      stop: typeof stop === 'number' ? rules.worse(stop, -side) : stop,
      target: typeof target === 'number' ? rules.harder(target, -side) : target,
      trail,
    };
  }
}

function clamp(weight: number): number {
  return Math.max(-1, Math.min(1, weight)) + 0;
}
