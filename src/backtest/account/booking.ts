import { firstAfter } from '../minute/times.ts';
import type { Desk } from '../orders/desk.ts';
import { NEVER } from '../orders/desk.ts';
import { noteExcursion } from './excursion.ts';
import { REASON } from './reasons.ts';

/**
 * Books one fill: cash, fee, position, and the trade that it opens, enlarges, shrinks or closes. A fill beyond zero closes
 * one trade and opens the next, its fee shared by size. `reference` is the price before slippage.
 */
export function book(
  desk: Desk,
  minute: number,
  quantity: number,
  price: number,
  reference: number,
  rate: number,
  reason: number,
): void {
  const { account, position } = desk;
  account.variation?.fill(minute, account.cash, position);
  const value = quantity * price;
  const size = Math.abs(quantity);
  const fee = Math.abs(value) * rate;
  account.cash -= value + fee;
  account.traded += Math.abs(value);
  account.fees += fee;
  account.slippage += (price - reference) * quantity;
  account.ledger.addFill(desk.index, minute, price, quantity, fee, reason);
  if (position === 0) {
    begin(desk, minute, quantity, price, fee);
  } else if (position > 0 === quantity > 0) {
    desk.position = position + quantity;
    desk.largest = Math.max(desk.largest, Math.abs(desk.position));
    desk.entryQuantity += size;
    desk.entryValue += size * price;
    desk.tradeCash -= value + fee;
  } else {
    const held = Math.abs(position);
    const closing = size < held ? size : held;
    account.roundTrips += closing / desk.largest;
    const share = closing === size ? fee : (fee * closing) / size;
    desk.exitQuantity += closing;
    desk.exitValue += closing * price;
    desk.tradeCash += (position > 0 ? closing : -closing) * price - share;
    if (size < held) {
      desk.position = position + quantity;
    } else {
      end(desk, minute);
      if (size > held) begin(desk, minute, position + quantity, price, fee - share);
    }
  }
}

/** Charges funding that is due at or before the start of this minute, at the last price known by then. */
export function payFunding(desk: Desk, minute: number): void {
  const { account, bars, funding } = desk;
  if (funding === undefined || desk.position === 0) return;
  const price = minute > 0 ? bars.close[minute - 1] : bars.open[minute];
  // Several fall due at once after a gap: the position was held through all of them.
  let due = funding.next(minute > 0 ? bars.time[minute - 1] : bars.time[minute] - 1);
  for (; due <= bars.time[minute]; due = funding.next(due)) {
    const paid = desk.position * price * funding.rate(due);
    account.cash -= paid;
    account.funding += paid;
    desk.funded += paid;
    desk.tradeCash -= paid;
  }
  desk.fundingAt = firstAfter(bars, minute, due);
}

/** Takes the exits away. The best price stays with the position, in case it is given a trailing stop again. */
export function clearProtection(desk: Desk): void {
  desk.stop = Number.NaN;
  desk.target = Number.NaN;
  desk.trail = Number.NaN;
}

function begin(desk: Desk, minute: number, quantity: number, price: number, fee: number): void {
  desk.position = quantity;
  desk.largest = Math.abs(quantity);
  desk.openedAt = minute;
  desk.openedDecision = desk.decision;
  desk.entryQuantity = Math.abs(quantity);
  desk.entryValue = Math.abs(quantity) * price;
  desk.exitQuantity = 0;
  desk.exitValue = 0;
  desk.tradeCash = -quantity * price - fee;
  desk.best = price;
  desk.entryEquity = desk.account.equityAt(desk, price);
  // A position opened in the minute of a funding time is opened after it.
  const { funding } = desk;
  if (funding !== undefined) desk.fundingAt = firstAfter(desk.bars, minute, funding.next(desk.bars.time[minute]));
}

function end(desk: Desk, minute: number): void {
  noteExcursion(desk, minute, desk.exitValue / desk.exitQuantity);
  desk.account.ledger.addTrade(
    desk.index,
    desk.position > 0 ? 1 : -1,
    desk.openedAt,
    minute,
    desk.entryValue / desk.entryQuantity,
    desk.exitValue / desk.exitQuantity,
    desk.entryQuantity,
    desk.tradeCash,
  );
  desk.position = 0;
  desk.held = 0;
  desk.fundingAt = NEVER;
  clearProtection(desk);
}

/** Ends the account: the position goes at `price`; what is missing after the fee is the exchange's loss, not a debt. */
export function liquidate(desk: Desk, minute: number, price: number): void {
  book(desk, minute, -desk.position, price, price, desk.costs.taker, REASON.liquidation);
  desk.account.ruined = true;
}
