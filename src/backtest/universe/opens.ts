import type { Marks } from '../many/marks.ts';
import { playInside, playOpen } from '../minute/minute.ts';
import { OPEN } from '../minute/tape.ts';
import type { Desk } from '../orders/desk.ts';
import { KIND } from '../orders/orders.ts';

/** One symbol in the minute being played. */
export interface Player {
  readonly desk: Desk;
  minute: number;
  /** Quote money that its orders would put into new positions at the open. */
  need: number;
  /** What the position that it adds to is worth with the fee of buying it; 0 where it is left on the way. */
  beside: number;
  /** What its old position is worth more at the price that it gets than at the open. */
  gain: number;
}

/**
 * Plays one minute of the symbols in which something can happen, so that none is favoured. At the open those that only leave or
 * reduce come first; where the cash (spot) or the gross limit (perpetuals) is not enough for all orders that open positions there, each gets the
 * same share of what it asked for. What the rest of the minute does is played symbol by symbol in the order of `players`.
 * True when the account is used up. `marks`: of all symbols, their prices those of the open.
 */
export function playTogether(players: readonly Player[], marks: Marks): boolean {
  if (players.length === 0) return false;
  const { account } = players[0].desk;
  const openers: Player[] = [];
  // Loops by index: frozen intrinsics make those over iterators slow.
  for (let i = 0; i < players.length; i++) {
    weigh(players[i]);
    if (players[i].need > 0) openers.push(players[i]);
  }
  for (let i = 0; i < players.length; i++) {
    const { desk, minute, need } = players[i];
    if (need !== 0) continue;
    playOpen(desk, minute);
    marks.read(desk.index);
  }
  if (openers.length > 1) ration(openers, marks);
  for (let i = 0; i < openers.length; i++) {
    const { desk, minute } = openers[i];
    playOpen(desk, minute);
    desk.budget = Number.NaN;
    marks.read(desk.index);
  }
  for (let i = 0; i < players.length; i++) {
    if (account.ruined) return true;
    const { desk, minute } = players[i];
    playInside(desk, minute);
    marks.read(desk.index);
  }
  return account.ruined;
}

/** What orders would open at this open, as far as the minute's volume allows. */
function weigh(player: Player): void {
  const { desk, minute } = player;
  const { costs, bars, position } = desk;
  const open = desk.tape[desk.row(minute) + OPEN];
  const held = Math.abs(position);
  const volume = costs.participation === Infinity ? Infinity : costs.participation * bars.volume[minute];
  player.need = 0;
  player.beside = 0;
  player.gain = 0;
  for (let i = 0; i < desk.count; i++) {
    const { kind, side, desired, left, limit, trigger, triggered, liveFrom, expires, reduceOnly, done } =
      desk.orders[i];
    if (done || kind === KIND.protect || liveFrom > minute || expires <= minute || reduceOnly) continue;
    // What waits for a price fills with the market orders where the open has passed it.
    if (!triggered && side * (open - trigger) < 0) continue;
    if (side * (open - limit) >= 0) continue;
    const size = (kind === KIND.target ? desired - position : left) * side;
    if (!(size > 0)) continue;
    const closing = position * side < 0 ? Math.min(held, size) : 0;
    const opening = Math.min(size, volume) - closing;
    if (!(opening > 0)) continue;
    const price = costs.slipped(open, side * size, bars, minute);
    player.need += opening * price * (1 + costs.taker);
    player.beside = closing > 0 ? 0 : held * price * (1 + costs.taker);
    player.gain = position * (price - open);
  }
}

function ration(openers: readonly Player[], { last }: Marks): void {
  const { account } = openers[0].desk;
  const spot = openers.filter(({ desk }) => desk.spot);
  if (spot.length > 1) shareOut(spot, account.spendable());
  const margined = openers.filter(({ desk }) => !desk.spot && desk.sizer.leverage < Infinity);
  if (margined.length < 2) return;
  const [{ desk: any }] = margined;
  let [equity, beside] = [account.equityAt(any, last[any.index]), account.grossBeside(undefined)];
  for (const { desk, beside: own, gain } of margined) {
    equity += gain;
    beside += own - Math.abs(desk.position * last[desk.index]);
  }
  shareOut(margined, any.sizer.leverage * account.gross * equity - beside);
}

function shareOut(openers: readonly Player[], available: number): void {
  const need = openers.reduce((sum, player) => sum + player.need, 0);
  const share = need <= available ? Number.POSITIVE_INFINITY : Math.max(0, available) / need;
  for (const player of openers) player.desk.budget = player.need * share;
}
