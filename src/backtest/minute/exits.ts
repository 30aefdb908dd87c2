import { REASON } from '../account/reasons.ts';
import type { Desk } from '../orders/desk.ts';
import { ENTERED, exitPosition } from './fill.ts';
import { CLOSE, HIGH, LOW, OPEN } from './tape.ts';

/** Exits that the open has already passed fill at the open: a gap through a stop costs, a gap through a target pays. */
export function exitAtOpen(desk: Desk, minute: number): void {
  const open = desk.tape[desk.row(minute) + OPEN];
  const side = desk.position > 0 ? 1 : -1;
  const trailing = desk.best - side * desk.trail;
  if (side * (open - desk.stop) <= 0 || side * (open - trailing) <= 0) {
    const byTrail = closer(trailing, desk.stop, side);
    exitPosition(desk, minute, open, true, byTrail ? REASON.trailing : REASON.stop);
  } else if (side * (open - desk.target) >= 0) {
    // A target that was passed before it could rest takes what is there.
    exitPosition(desk, minute, open, desk.entered === ENTERED.atOpen, REASON.target);
  }
}

/**
 * The stop, and the trailing stop, inside the bar. A touch is enough. After an entry inside this bar its whole range
 * still counts: which came first is unknown, and doubt is decided against the strategy.
 */
export function stopInside(desk: Desk, minute: number): void {
  const { tape, stop, trail, best, costs } = desk;
  const side = desk.position > 0 ? 1 : -1;
  const worst = tape[desk.row(minute) + (side > 0 ? LOW : HIGH)];
  const trailing = best - side * trail;
  if (side * (worst - stop) <= 0 || side * (worst - trailing) <= 0) {
    const byTrail = closer(trailing, stop, side);
    const level = byTrail ? trailing : stop;
    // A stop on the wrong side of an entry inside this bar is hit at once: it gets the price of the entry, not its own.
    const price = side * (level - desk.enteredAt) > 0 ? desk.enteredAt : level;
    exitPosition(desk, minute, price, true, byTrail ? REASON.trailing : REASON.stop);
    return;
  }
  if (Number.isNaN(trail)) return;
  // After falling to a limit only the close is known to have come after the entry.
  const high = desk.entered === ENTERED.falling ? best : bestOf(desk, minute, side);
  if (side * (high - best) <= 0) return;
  // The best price may have come before the worst. How high the stop was when it was hit is unknown: the worst price counts.
  const pulled = side > 0 ? costs.roundDown(high - trail) : costs.roundUp(high + trail);
  if (side * (worst - pulled) <= 0) exitPosition(desk, minute, worst, true, REASON.trailing);
}

/**
 * The target inside the bar; called after every stop. Unlike a working limit it fills at a touch: the reference results
 * that this engine is held to do so.
 */
export function targetInside(desk: Desk, minute: number): void {
  const { target } = desk;
  const side = desk.position > 0 ? 1 : -1;
  if (!Number.isNaN(target)) {
    // After falling to a limit the bar's best price may be older than the entry; its close is not.
    const high = desk.entered === ENTERED.falling ? desk.tape[desk.row(minute) + CLOSE] : bestOf(desk, minute, side);
    if (side * (high - target) >= 0) {
      exitPosition(desk, minute, target, false, REASON.target);
      return;
    }
  }
  if (!Number.isNaN(desk.trail)) followBest(desk, minute, side);
}

function followBest(desk: Desk, minute: number, side: number): void {
  const high = desk.entered === ENTERED.falling ? desk.tape[desk.row(minute) + CLOSE] : bestOf(desk, minute, side);
  if (side * (high - desk.best) > 0) desk.best = high;
}

/** The bar's best price for a position. */
function bestOf(desk: Desk, minute: number, side: number): number {
  return desk.tape[desk.row(minute) + (side > 0 ? HIGH : LOW)];
}

/** Whether the trailing stop is there and reached before the stop. */
function closer(trailing: number, stop: number, side: number): boolean {
  return !Number.isNaN(trailing) && !(side * (trailing - stop) <= 0);
}
