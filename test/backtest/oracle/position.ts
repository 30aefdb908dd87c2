import type { Limits, Rules } from './rules.ts';

/** A closed trade as the oracle books it. */
export interface OracleTrade {
  side: number;
  entry: number;
  exit: number;
  opened: number;
  closed: number;
  size: number;
  profit: number;
}

export interface OracleFill {
  at: number;
  quantity: number;
  price: number;
  fee: number;
  reason: string;
}

interface Lot {
  quantity: number;
  price: number;
}

/** What all symbols of a run share. */
export class Purse {
  cash: number;
  readonly holdings: Holding[] = [];
  ruined = false;

  constructor(cash: number) {
    this.cash = cash;
  }
}

/** Money and position: every fill of the open trade is kept, and averages are taken from the list. */
export class Holding {
  readonly purse: Purse;
  quantity = 0;
  /** Last 1-minute close, for the other symbols, and close of the last decision bar. */
  last = Number.NaN;
  mark = Number.NaN;
  /** Fills into and out of the open trade, and its fees and funding. */
  #into: Lot[] = [];
  #out: Lot[] = [];
  #paid = 0;
  opened = 0;
  openedDecision = 0;
  readonly trades: OracleTrade[] = [];
  readonly fills: OracleFill[] = [];
  fees = 0;
  traded = 0;
  funding = 0;

  constructor(purse: Purse) {
    this.purse = purse;
    purse.holdings.push(this);
  }

  get entryPrice(): number {
    return this.quantity === 0 ? Number.NaN : mean(this.#into);
  }

  /** Equity with this symbol at a price and the others at their last closes. */
  worth(price: number): number {
    const { cash, holdings } = this.purse;
    const others = holdings.filter((other) => other !== this && other.quantity !== 0);
    return cash + this.quantity * price + others.reduce((sum, { quantity, last }) => sum + quantity * last, 0);
  }

  /** Books a fill; returns whether it closed the trade that was open. */
  trade(at: number, decision: number, quantity: number, price: number, rate: number, reason: string): boolean {
    const fee = Math.abs(quantity * price) * rate;
    this.purse.cash -= quantity * price + fee;
    this.fees += fee;
    this.traded += Math.abs(quantity * price);
    this.fills.push({ at, quantity, price, fee, reason });
    const opposite = this.quantity * quantity < 0;
    const closing = opposite ? Math.min(Math.abs(quantity), Math.abs(this.quantity)) : 0;
    const opening = Math.abs(quantity) - closing;
    const side = Math.sign(quantity);
    let ended = false;
    if (closing > 0) {
      this.#out.push({ quantity: closing, price });
      this.#paid += (fee * closing) / (closing + opening);
      this.quantity = closing === Math.abs(this.quantity) ? 0 : this.quantity + side * closing;
      if (this.quantity === 0) {
        this.#close(at, -side);
        ended = true;
      }
    }
    if (opening > 0) {
      if (this.quantity === 0) {
        this.opened = at;
        this.openedDecision = decision;
      }
      this.#into.push({ quantity: opening, price });
      this.#paid += (fee * opening) / (closing + opening);
      this.quantity += side * opening;
    }
    return ended;
  }

  payFunding(rules: Rules, after: number, upTo: number, price: number): void {
    for (const _ of rules.fundingTimes(after, upTo)) {
      const paid = this.quantity * price * (rules.costs.fundingBps ?? 0) * 1e-4;
      this.purse.cash -= paid;
      this.funding += paid;
      this.#paid += paid;
    }
  }

  #close(at: number, side: number): void {
    const profit = side * (worth(this.#out) - worth(this.#into)) - this.#paid;
    this.trades.push({
      side,
      entry: mean(this.#into),
      exit: mean(this.#out),
      opened: this.opened,
      closed: at,
      size: this.#into.reduce((sum, { quantity }) => sum + quantity, 0),
      profit,
    });
    this.#into = [];
    this.#out = [];
    this.#paid = 0;
  }
}

/** Most base units that cash (spot) or the leverage on the symbol's share of the equity (perpetual) lets an order open. */
export function affordable(
  holding: Holding,
  { spot, leverage }: Limits,
  side: number,
  closing: number,
  price: number,
  rate: number,
): number {
  if (spot && side < 0) return 0;
  if (!spot && leverage === Infinity) return Infinity;
  const { cash, holdings } = holding.purse;
  const cost = price * (1 + rate);
  const held = closing > 0 ? 0 : Math.abs(holding.quantity);
  const most = spot ? cash / cost : (leverage * holding.worth(price)) / holdings.length / cost - held;
  return Math.max(0, most);
}

function worth(lots: readonly Lot[]): number {
  return lots.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
}

function mean(lots: readonly Lot[]): number {
  return worth(lots) / lots.reduce((sum, { quantity }) => sum + quantity, 0);
}
