import { liquidate, payFunding } from '../account/booking.ts';
import type { Desk } from '../orders/desk.ts';
import { KIND } from '../orders/orders.ts';
import { exitAtOpen, stopInside, targetInside } from './exits.ts';
import { applyProtection, ENTERED, fillOrder, reasonOf } from './fill.ts';
import { fillInside } from './inside.ts';
import { HIGH, LOW, OPEN } from './tape.ts';

/**
 * Plays one 1-minute bar for one symbol, in the order that is worst for the strategy among those that the bar allows:
 * funding; orders and exits at the open; orders that enlarge the position; its stop; orders that reduce it; its target.
 */
export function playMinute(desk: Desk, minute: number): void {
  playOpen(desk, minute);
  playInside(desk, minute);
}

/** Funding, and orders and exits at the open. */
export function playOpen(desk: Desk, minute: number): void {
  desk.entered = ENTERED.before;
  desk.enteredAt = Number.NaN;
  if (desk.costs.participation !== Infinity) desk.volumeLeft = desk.costs.participation * desk.bars.volume[minute];
  if (minute >= desk.fundingAt) payFunding(desk, minute);
  if (desk.count > 0) fillAtOpen(desk, minute);
  if (desk.position !== 0) exitAtOpen(desk, minute);
}

/** What the rest of the bar does, and when to look again. */
export function playInside(desk: Desk, minute: number): void {
  if (desk.count > 0) {
    fillInside(desk, minute, true);
    if (desk.position !== 0) stopInside(desk, minute);
    const before = desk.position;
    fillInside(desk, minute, false);
    if (desk.position !== 0 && desk.position !== before) stopInside(desk, minute);
    desk.sweep();
  } else if (desk.position !== 0) {
    stopInside(desk, minute);
  }
  if (desk.position !== 0) targetInside(desk, minute);
  if (!desk.account.isSound(desk)) checkRuin(desk, minute);
  desk.watch(minute + 1);
}

function fillAtOpen(desk: Desk, minute: number): void {
  const open = desk.tape[desk.row(minute) + OPEN];
  const { orders } = desk;
  // Exits that are filled only in part add orders to the list; they are live from the next bar.
  for (let i = 0; i < desk.count; i++) {
    const order = orders[i];
    if (order.done || order.liveFrom > minute) continue;
    if (order.expires <= minute) {
      order.done = true;
      continue;
    }
    if (order.kind === KIND.protect) {
      if (desk.position !== 0) applyProtection(desk, order, open);
      order.done = true;
      continue;
    }
    const wasWaiting = order.rested && (order.triggered || Number.isNaN(order.trigger));
    order.rested = true;
    if (!Number.isNaN(order.trigger) && !order.triggered) {
      if (order.side * (open - order.trigger) < 0) continue;
      order.triggered = true;
    }
    if (Number.isNaN(order.limit)) {
      fillOrder(desk, order, minute, open, true, reasonOf(order), ENTERED.atOpen);
    } else if (order.side * (open - order.limit) < 0) {
      // An open beyond the limit is a trade there; an order that only just arrived takes it.
      fillOrder(desk, order, minute, open, !wasWaiting, reasonOf(order), ENTERED.atOpen);
    }
  }
  desk.sweep();
}

/** A position whose worst price in the bar uses the account up is liquidated where it reaches zero. */
function checkRuin(desk: Desk, minute: number): void {
  const { account, tape, position } = desk;
  if (position === 0) {
    if (account.equityAt(desk, 0) <= 0) account.ruined = true;
    return;
  }
  const worst = tape[desk.row(minute) + (position > 0 ? LOW : HIGH)];
  if (account.equityAt(desk, worst) > 0) return;
  liquidate(desk, minute, Math.max(0, -account.equityAt(desk, 0) / position));
}
