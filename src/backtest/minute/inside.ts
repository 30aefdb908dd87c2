import type { Desk } from '../orders/desk.ts';
import type { Order } from '../orders/orders.ts';
import { ENTERED, fillOrder, reasonOf } from './fill.ts';
import { CLOSE, HIGH, LOW } from './tape.ts';

/**
 * Fills working orders that the bar's range touches: those that open or enlarge the position (`enlarging`), or all that are
 * left. Enlarging ones go before the stop, so that it closes them too; reducing ones after it, triggers before limits.
 */
export function fillInside(desk: Desk, minute: number, enlarging: boolean): void {
  if (enlarging) {
    if (desk.position === 0) pickWorstOfPair(desk, minute);
    pass(desk, minute, true, true);
  } else {
    pass(desk, minute, false, true);
    pass(desk, minute, false, false);
  }
}

function pass(desk: Desk, minute: number, enlarging: boolean, triggers: boolean): void {
  const { orders } = desk;
  for (let i = 0; i < desk.count; i++) {
    const order = orders[i];
    if (order.done || order.liveFrom > minute || order.tried === minute || isMarket(order)) continue;
    if (enlarging) {
      if (order.side * desk.position < 0) continue;
    } else if (triggers !== waitsForTrigger(order)) continue;
    order.tried = minute;
    const price = priceInside(desk, order, minute);
    if (Number.isNaN(price)) continue;
    if (desk.entered === ENTERED.falling && !waitsForTrigger(order) && isTooOld(desk, order, minute)) continue;
    const taker = waitsForTrigger(order) && price === order.trigger;
    order.triggered = true;
    fillOrder(desk, order, minute, price, taker, reasonOf(order), taker ? ENTERED.rising : ENTERED.falling);
  }
}

/**
 * Whether a limit that takes profit on what was bought inside this bar may have been reached before it was bought: only the
 * close is known to have come after.
 */
function isTooOld(desk: Desk, order: Order, minute: number): boolean {
  return order.side * desk.position < 0 && order.side * (desk.tape[desk.row(minute) + CLOSE] - order.limit) >= 0;
}

function isMarket(order: Order): boolean {
  return Number.isNaN(order.limit) && (order.triggered || Number.isNaN(order.trigger));
}

function waitsForTrigger(order: Order): boolean {
  return !Number.isNaN(order.trigger) && !order.triggered;
}

/** The price before slippage that this bar gives a working order after its open, NaN for none. */
function priceInside(desk: Desk, order: Order, minute: number): number {
  const { tape } = desk;
  const { side, limit, trigger } = order;
  const towards = tape[desk.row(minute) + (side > 0 ? LOW : HIGH)];
  if (!waitsForTrigger(order)) return side * (towards - limit) < 0 ? limit : Number.NaN;
  const away = tape[desk.row(minute) + (side > 0 ? HIGH : LOW)];
  if (side * (away - trigger) < 0) return Number.NaN;
  // A stop becomes a market order at its price; a stop-limit whose limit reaches that far takes the same price.
  if (Number.isNaN(limit) || side * (limit - trigger) >= 0) return trigger;
  order.triggered = true;
  // The limit lies behind the trigger: only the close is known to have come after it.
  return side * (tape[desk.row(minute) + CLOSE] - limit) < 0 ? limit : Number.NaN;
}

/** Of two orders that cancel each other and are both touched, the one that looks worse at the close is filled. */
function pickWorstOfPair(desk: Desk, minute: number): void {
  let worst: Order | undefined;
  let result = Infinity;
  let touched = 0;
  const { orders, count } = desk;
  for (let i = 0; i < count; i++) {
    const order = orders[i];
    if (order.done || !order.oco || order.liveFrom > minute || isMarket(order)) continue;
    const before = order.triggered;
    const price = priceInside(desk, order, minute);
    order.triggered = before;
    if (Number.isNaN(price)) continue;
    touched += 1;
    const gain = order.side * (desk.tape[desk.row(minute) + CLOSE] - price);
    if (gain < result) [worst, result] = [order, gain];
  }
  if (touched < 2) return;
  for (let i = 0; i < count; i++) if (orders[i].oco && orders[i] !== worst) orders[i].tried = minute;
}
