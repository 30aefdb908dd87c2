import { applyProtection } from '../minute/fill.ts';
import { ACTION } from './decisions.ts';
import type { Desk } from './desk.ts';
import { KIND, type Order } from './orders.ts';

/** Working orders a symbol may have; a grid needs tens, a runaway loop would need memory. */
const MOST_ORDERS = 64;

/**
 * Carries out one of ACTION, its options being in the desk's draft. `weight`: where a target goes, or what an order adds; see Now.target and
 * Now.order. Throws TypeError for a weight that is no number.
 */
export function request(desk: Desk, action: number, weight: number): void {
  const order = desk.draft;
  note(desk, action, weight, order);
  if (action === ACTION.target) bringTo(desk, order, allowedWeight(desk, weight));
  else if (action === ACTION.order) {
    const change = clamp(weight);
    place(desk, order, KIND.change, change, sized(desk, change));
  } else if (action === ACTION.protect) changeProtection(desk, order);
  else takeBack(desk, order, action === ACTION.flat);
  desk.watch(desk.next());
}

function bringTo(desk: Desk, order: Order, wanted: number): void {
  const standing = sameTarget(desk, order, wanted);
  if (standing) {
    order.kind = standing.kind;
    order.desired = standing.desired;
    order.side = standing.side;
    roundPrices(desk, order);
    standing.stop = Number.isNaN(order.stop) ? standing.stop : order.stop;
    standing.target = Number.isNaN(order.target) ? standing.target : order.target;
    standing.trail = Number.isNaN(order.trail) ? standing.trail : order.trail;
    standing.expires = expiry(desk, order.expires);
    keepOnly(desk, standing, true);
  } else {
    desk.count = 0;
    if (wanted === desk.held) changeProtection(desk, order);
    else place(desk, order, KIND.target, wanted, sized(desk, wanted));
  }
}

/** Cancels the working orders and, for `close`, sells what is held. */
function takeBack(desk: Desk, order: Order, close: boolean): void {
  const leaving = close && sameTarget(desk, order, 0);
  if (leaving) {
    keepOnly(desk, leaving, false);
  } else {
    desk.count = 0;
    if (close && desk.position !== 0) place(desk, order, KIND.target, 0, 0);
  }
}

/** A weight within -1 and 1. Throws TypeError for what is no number. */
export function clamp(weight: number): number {
  if (typeof weight !== 'number' || Number.isNaN(weight)) {
    throw new TypeError(`a weight must be a number from -1 to 1, got ${String(weight)}`);
  }
  return weight > 1 ? 1 : weight < -1 ? -1 : weight;
}

/** Spot cannot be short: such a wish is counted as refused and leaves the position flat. */
function allowedWeight(desk: Desk, weight: number): number {
  const wanted = clamp(weight);
  if (!desk.spot || wanted >= 0) return wanted === 0 ? 0 : wanted;
  desk.account.refused += 1;
  return 0;
}

/** Base units of a weight at the close of the decision bar, in whole lots. */
export function sized(desk: Desk, weight: number): number {
  if (weight === 0) return 0;
  const { account } = desk;
  const share = account.equity() / account.shares;
  return desk.costs.wholeLots(desk.sizer.units(weight, share, desk.frame, desk.decision));
}

/** `units`: base units wanted (target) or to trade (change), signed. Sends the order, or refuses it and counts it. */
function place(desk: Desk, order: Order, kind: number, weight: number, units: number): void {
  const { account, costs, position } = desk;
  const quantity = kind === KIND.target ? units - position : units;
  order.kind = kind;
  order.weight = weight;
  order.side = quantity > 0 ? 1 : -1;
  order.desired = units;
  order.left = units;
  order.liveFrom = desk.next() + desk.delay;
  order.expires = expiry(desk, order.expires);
  order.reason = 0;
  const opens = position === 0 || position > 0 === quantity > 0;
  const tooSmall = opens ? !costs.largeEnough(quantity, desk.mark()) : quantity === 0;
  // A resting reduce-only order may be there before the position that it is to reduce.
  const atMarket = Number.isNaN(order.limit) && Number.isNaN(order.trigger);
  const pointless = opens && order.reduceOnly && atMarket;
  const short = desk.spot && quantity < 0 && position <= 0 && kind === KIND.change && !hasBuy(desk);
  if (tooSmall || pointless || short || desk.count >= MOST_ORDERS) {
    account.refused += 1;
    return;
  }
  roundPrices(desk, order);
  desk.keep();
}

/** Cancels every working order but one; `protection`: changes of it stay on their way. */
function keepOnly(desk: Desk, order: Order, protection: boolean): void {
  for (let i = 0; i < desk.count; i++) {
    const other = desk.orders[i];
    if (other !== order && !(protection && other.kind === KIND.protect)) other.done = true;
  }
  desk.sweep();
}

/** Whether something that waits would give the symbol a position to sell: a grid may place both sides at once. */
function hasBuy(desk: Desk): boolean {
  for (let i = 0; i < desk.count; i++) {
    if (desk.orders[i].side > 0 && desk.orders[i].kind !== KIND.protect) return true;
  }
  return false;
}

function changeProtection(desk: Desk, order: Order): void {
  if (desk.position === 0 || (Number.isNaN(order.stop) && Number.isNaN(order.target) && Number.isNaN(order.trail))) {
    return;
  }
  order.kind = KIND.protect;
  order.side = desk.position > 0 ? 1 : -1;
  order.desired = desk.position;
  roundPrices(desk, order);
  if (desk.delay === 0) {
    applyProtection(desk, order, desk.mark());
    return;
  }
  order.liveFrom = desk.next() + desk.delay;
  order.expires = Number.NaN;
  desk.keep();
}

/** A target order for the same weight at the same prices that still waits: asking twice changes nothing. */
function sameTarget(desk: Desk, order: Order, weight: number): Order | undefined {
  for (let i = 0; i < desk.count; i++) {
    const other = desk.orders[i];
    if (other.kind !== KIND.target || other.weight !== weight || other.expires <= desk.next()) continue;
    const limit = roundLimit(desk, order.limit, other.side);
    const trigger = roundTrigger(desk, order.trigger, other.side);
    if (Object.is(other.limit, limit) && Object.is(other.trigger, trigger)) return other;
  }
  return undefined;
}

/** Prices go to the tick against the strategy: limits and targets harder to reach, stops at the worse price. */
function roundPrices(desk: Desk, order: Order): void {
  order.limit = roundLimit(desk, order.limit, order.side);
  order.trigger = roundTrigger(desk, order.trigger, order.side);
  const long = (order.kind === KIND.change ? order.side : order.desired) > 0;
  if (order.stop !== Infinity) order.stop = roundTrigger(desk, order.stop, long ? -1 : 1);
  if (order.target !== Infinity) order.target = roundLimit(desk, order.target, long ? -1 : 1);
}

function roundLimit(desk: Desk, price: number, side: number): number {
  return side > 0 ? desk.costs.roundDown(price) : desk.costs.roundUp(price);
}

function roundTrigger(desk: Desk, price: number, side: number): number {
  return side > 0 ? desk.costs.roundUp(price) : desk.costs.roundDown(price);
}

/** Index of the first minute in which an order given now for so many decision bars is no longer live; NaN for no end. */
function expiry(desk: Desk, bars: number): number {
  if (Number.isNaN(bars)) return Number.NaN;
  const { frame } = desk;
  const last = desk.decision + bars;
  return last < frame.length ? frame.end[last] : Number.NaN;
}

function note(desk: Desk, action: number, weight: number, order: Order): void {
  const { log } = desk.account;
  if (log === undefined) return;
  const at = log.row();
  const row = log.values;
  row[at] = desk.account.moment ?? desk.frame.time[desk.decision];
  row[at + 1] = desk.index;
  row[at + 2] = action;
  row[at + 3] = weight;
  row[at + 4] = order.limit;
  row[at + 5] = order.trigger;
  row[at + 6] = order.stop;
  row[at + 7] = order.target;
  row[at + 8] = order.trail;
  row[at + 9] = order.expires;
  row[at + 10] = (order.reduceOnly ? 1 : 0) + (order.oco ? 2 : 0);
}
