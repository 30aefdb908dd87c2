import { book, clearProtection } from '../account/booking.ts';
import { REASON } from '../account/reasons.ts';
import type { Desk } from '../orders/desk.ts';
import { KIND, type Order, renew } from '../orders/orders.ts';

/**
 * How a position was opened or enlarged in the bar being played, ordered by how little is known of prices after the entry. After a fall to
 * a limit only the close is certainly later.
 */
export const ENTERED = { before: 0, atOpen: 1, rising: 2, falling: 3 } as const;

/** Part of what a target asked for that stands for its weight: the fee of a weight of 1, or a small gap, takes less than the rest. */
const ENOUGH = 0.9;

/**
 * Fills as much of an order as position, cash and volume allow. `reference` is the price before slippage, `taker` whether
 * it takes; a limit order never gets worse than its limit. Marks the order done when nothing of it is left.
 */
export function fillOrder(
  desk: Desk,
  order: Order,
  minute: number,
  reference: number,
  taker: boolean,
  reason: number,
  entered: number,
): void {
  const { account, costs, bars, position } = desk;
  const { side } = order;
  const wanted = order.kind === KIND.target ? order.desired - position : order.left;
  if (wanted * side <= 0) {
    order.done = true;
    return;
  }
  const held = Math.abs(position);
  let size = wanted * side;
  let closing = position * side < 0 ? (held < size ? held : size) : 0;
  // A remainder below 1e-9 of the position is a rounding error: close the whole position.
  if (closing > 0 && Math.abs(held - size) < held * 1e-9) size = closing = held;
  let opening = order.reduceOnly ? 0 : size - closing;
  if (opening > 0 && !order.started && account.misses(desk.symbol, bars.time[minute])) opening = 0;
  const rate = taker ? costs.taker : costs.maker;
  let price = reference;
  if (taker) {
    price = costs.slipped(reference, side * (closing + opening), bars, minute);
    if (side * (price - order.limit) > 0) price = order.limit;
  }
  if (opening > 0) opening = affordable(desk, side, closing, opening, price, rate);
  size = closing + opening;
  const whole = size;
  if (size > desk.volumeLeft) size = costs.wholeLots(desk.volumeLeft);
  order.done = size === whole;
  if (size > 0) {
    desk.volumeLeft -= size;
    desk.budget -= (size - closing) * price * (1 + rate);
    // A target has its own: a number that is handed on for nothing would be put in a box.
    const weight = order.kind === KIND.change ? desk.held : 0;
    book(desk, minute, side * size, price, reference, rate, reason);
    if (order.kind === KIND.change) order.left -= side * size;
    if (size > closing && entered > desk.entered) desk.entered = entered;
    if (size > closing && entered > ENTERED.atOpen) desk.enteredAt = price;
    settle(desk, order, position, weight, price);
    order.started = true;
  }
}

/**
 * Closes the position, or what the bar's volume allows of it; the rest goes at the market of the next bars. What its entry still
 * had to fill is withdrawn.
 */
export function exitPosition(desk: Desk, minute: number, reference: number, taker: boolean, reason: number): void {
  const { bars, costs, position } = desk;
  if (desk.count > 0) withdrawEntry(desk);
  let size = Math.abs(position);
  const whole = size;
  if (size > desk.volumeLeft) size = costs.wholeLots(desk.volumeLeft);
  if (size > 0) {
    desk.volumeLeft -= size;
    const quantity = position > 0 ? -size : size;
    const price = taker ? costs.slipped(reference, quantity, bars, minute) : reference;
    book(desk, minute, quantity, price, reference, taker ? costs.taker : costs.maker, reason);
  }
  if (size < whole) leaveRest(desk, minute, reason);
}

/** Ends the orders that have filled in part and would enlarge the position. */
function withdrawEntry(desk: Desk): void {
  const { orders, count, position } = desk;
  for (let i = 0; i < count; i++) {
    const order = orders[i];
    if (order.started && order.side * position > 0) order.done = true;
  }
  desk.sweep();
}

function leaveRest(desk: Desk, minute: number, reason: number): void {
  const order = desk.draft;
  renew(order);
  order.kind = KIND.target;
  order.weight = 0;
  order.side = desk.position > 0 ? -1 : 1;
  order.desired = 0;
  order.liveFrom = minute + 1;
  order.reduceOnly = true;
  order.started = true;
  order.tried = minute;
  order.reason = reason;
  desk.keep();
  // The exit has been decided: its levels must not fire a second time.
  clearProtection(desk);
}

/** The largest opening size that cash (spot) or the harness's leverage (perpetual) allows, in whole lots. */
function affordable(desk: Desk, side: number, closing: number, opening: number, price: number, rate: number): number {
  const { account, costs } = desk;
  let most: number;
  if (desk.spot) {
    if (side < 0) return 0;
    most = account.spendable() / (price * (1 + rate));
    if (desk.budget < account.spendable()) most = desk.budget / (price * (1 + rate));
  } else if (desk.sizer.leverage === Infinity) {
    return opening;
  } else if (!Number.isNaN(desk.budget)) {
    most = desk.budget / (price * (1 + rate));
  } else {
    const margin = account.margin(desk, price, desk.sizer.leverage);
    // The fee comes out of the share: paid on top it would be a loan, which can ruin a position that has no leverage.
    most = margin / (price * (1 + rate)) - (closing > 0 ? 0 : Math.abs(desk.position));
  }
  if (opening <= most) return opening;
  return most > 0 ? costs.wholeLots(most) : 0;
}

/** After a fill of a desk that held `before` units for `weight`: the weight now held, the exits that came with the order, and the orders that it cancels. */
function settle(desk: Desk, order: Order, before: number, weight: number, price: number): void {
  const { position } = desk;
  if (position !== 0) {
    const opened = before === 0 || before > 0 !== position > 0;
    if (!order.done || fellShort(desk, order, price)) desk.held = Number.NaN;
    else if (order.kind === KIND.target) desk.held = order.weight;
    // One that turns a position round adds to its weight; where that is not known, the order's is what there is.
    else desk.held = before === 0 || (opened && Number.isNaN(weight)) ? order.weight : weight + order.weight;
    // What turns a position round brings its exits when the new side is there.
    const turning = order.kind === KIND.target && order.desired * position < 0;
    if (opened || (!order.started && !turning)) applyProtection(desk, order, price);
  }
  if (!order.oco) return;
  const { orders, count } = desk;
  for (let i = 0; i < count; i++) if (orders[i] !== order && orders[i].oco) orders[i].done = true;
}

/**
 * Whether the money left what is held clearly smaller than a target asked for, in units and in worth: after a gap or a long wait fewer units are
 * worth the weight.
 */
function fellShort(desk: Desk, order: Order, price: number): boolean {
  if (order.kind !== KIND.target) return false;
  const { account, costs } = desk;
  // Whole lots take up to one more.
  const held = Math.abs(desk.position) + costs.lot;
  if (held >= ENOUGH * Math.abs(order.desired)) return false;
  const share = (desk.spot ? 1 : desk.sizer.leverage) * (account.equityAt(desk, price) / account.shares);
  return held * price < ENOUGH * Math.abs(order.weight) * share;
}

/**
 * Exits given with an order replace those of the position; NaN leaves one as it is, Infinity takes it away.
 * A trailing stop that is new begins to follow at `price`.
 */
export function applyProtection(desk: Desk, order: Order, price: number): void {
  if (!Number.isNaN(order.stop)) desk.stop = order.stop === Infinity ? Number.NaN : order.stop;
  if (!Number.isNaN(order.target)) desk.target = order.target === Infinity ? Number.NaN : order.target;
  if (!Number.isNaN(order.trail)) {
    if (Number.isNaN(desk.trail)) desk.best = price;
    desk.trail = order.trail === Infinity ? Number.NaN : order.trail;
  }
}

/** What a fill of this order is called. */
export function reasonOf(order: Order): number {
  if (order.reason !== REASON.market) return order.reason;
  if (!Number.isNaN(order.limit)) return REASON.limit;
  return !Number.isNaN(order.trigger) ? REASON.trigger : REASON.market;
}
