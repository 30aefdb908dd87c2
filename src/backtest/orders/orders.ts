import type { OrderOptions } from '../../strategy/now.ts';

/** TARGET goes to a position, CHANGE adds to it, PROTECT sets exits (a message that can be delayed like the others). */
export const KIND = { target: 0, change: 1, protect: 2 } as const;

/** An order of one symbol. Mutable and reused: the engine allocates nothing while it plays. Absent prices are NaN. */
export interface Order {
  kind: number;
  /** What was asked: a weight, or a change of weight. */
  weight: number;
  /** 1 buys, -1 sells. */
  side: number;
  /** TARGET: base units wanted in the end. */
  desired: number;
  /** CHANGE: base units still to trade, signed. */
  left: number;
  limit: number;
  trigger: number;
  /** Exits for the position: a price, NaN to leave as it is, Infinity to take away. */
  stop: number;
  target: number;
  trail: number;
  /** Index of the first 1-minute bar that it can fill in, and of the first that it no longer can. */
  liveFrom: number;
  expires: number;
  reduceOnly: boolean;
  oco: boolean;
  /** Has been in the book for a whole bar, so that a fill makes. */
  rested: boolean;
  triggered: boolean;
  /** Has a first fill. */
  started: boolean;
  done: boolean;
  /** Last 1-minute bar in which a fill inside the bar was looked for. */
  tried: number;
  /** What its fills are called. */
  reason: number;
}

export function newOrder(): Order {
  return {
    kind: 0,
    weight: Number.NaN,
    side: 0,
    desired: Number.NaN,
    left: Number.NaN,
    limit: Number.NaN,
    trigger: Number.NaN,
    stop: Number.NaN,
    target: Number.NaN,
    trail: Number.NaN,
    liveFrom: 0,
    expires: Number.NaN,
    reduceOnly: false,
    oco: false,
    rested: false,
    triggered: false,
    started: false,
    done: false,
    tried: -1,
    reason: 0,
  };
}

/** The options of an order as checked numbers; absent prices are NaN, and `bars` where it never expires. */
export interface Terms {
  readonly limit: number;
  readonly trigger: number;
  readonly stop: number;
  readonly target: number;
  readonly trail: number;
  readonly bars: number;
  readonly reduceOnly: boolean;
  readonly oco: boolean;
}

const NO_TERMS: Terms = {
  limit: Number.NaN,
  trigger: Number.NaN,
  stop: Number.NaN,
  target: Number.NaN,
  trail: Number.NaN,
  bars: Number.NaN,
  reduceOnly: false,
  oco: false,
};

/**
 * Reads what the candidate wrote, once. Getters of its own may run here and give other orders: whoever writes the terms into an order
 * must take that order afterwards. Throws TypeError naming the option that is no number.
 */
export function termsOf(options: OrderOptions | undefined): Terms {
  if (options === undefined) return NO_TERMS;
  const { limit, trigger, stop, target, trail, bars, reduceOnly, oco } = options;
  return {
    limit: price('limit', limit),
    trigger: price('trigger', trigger),
    stop: level('stop', stop),
    target: level('target', target),
    trail: distance(trail),
    bars: wholeBars(bars),
    reduceOnly: reduceOnly === true,
    oco: oco === true,
  };
}

/** Makes a fresh order of one that was used before. */
export function renew(
  order: Order,
  { limit, trigger, stop, target, trail, bars, reduceOnly, oco }: Terms = NO_TERMS,
): void {
  order.limit = limit;
  order.trigger = trigger;
  order.stop = stop;
  order.target = target;
  order.trail = trail;
  order.expires = bars;
  order.reduceOnly = reduceOnly;
  order.oco = oco;
  order.rested = false;
  order.triggered = false;
  order.started = false;
  order.done = false;
  order.tried = -1;
}

/** NaN where it is left out, as the others are. */
function price(name: string, value: unknown): number {
  if (value === undefined) return Number.NaN;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(
      `${name} must be a price, got ${String(value)}; an indicator is NaN until it has seen enough bars: is warmup long enough?`,
    );
  }
  return value;
}

/** A protective level: null takes it away. */
function level(name: string, value: unknown): number {
  return value === null ? Number.POSITIVE_INFINITY : price(name, value);
}

function distance(value: unknown): number {
  const trail = level('trail', value);
  if (trail <= 0) throw new TypeError(`trail must be above 0, got ${trail}`);
  return trail;
}

function wholeBars(value: unknown): number {
  if (value === undefined) return Number.NaN;
  if (typeof value === 'number' && value >= 1) return Math.floor(value);
  throw new TypeError(`bars must be a whole number of bars, at least 1, got ${String(value)}`);
}
