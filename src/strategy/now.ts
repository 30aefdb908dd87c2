import type { Timeframe } from '../market/bars.ts';
import type { Series } from './series.ts';

/** Numbers of one closed bar. */
export interface ClosedBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Base units. */
  readonly volume: number;
}

/** The calendar of a strategy that says `seasonal: true`: where in the week the bar closed. There are no dates. */
export interface Season {
  /** UTC hour at which the bar closed, 0 to 23. */
  readonly hour: number;
  /** UTC weekday on which the bar closed, 0 (Sunday) to 6. */
  readonly weekday: number;
}

/** Exits that watch a position, one cancels the other; prices, or null to take one away. Left out: stays as it is. */
export interface Protection {
  /** Stop-market: sells (buys back) at the first touch. */
  readonly stop?: number | null;
  /** Take-profit: a resting exit at this price, filled at the first touch when no stop was touched in the same minute. */
  readonly target?: number | null;
  /** Trailing stop: distance in price from the best 1-minute extreme since it was set: from the fill of the order that brings it, or the close it is decided at. */
  readonly trail?: number | null;
}

/**
 * How an order gets in. Without `limit` and `trigger` it is a market order. Its exits come with its first fill; when one of them ends the
 * position, the rest of the order is withdrawn.
 */
export interface OrderOptions extends Protection {
  /** Limit price. With `trigger`: a stop-limit order. */
  readonly limit?: number;
  /** Stop price that must be touched before the order becomes a market (or limit) order. */
  readonly trigger?: number;
  /** Time in force: closed bars of the strategy's timeframe until an unfilled order is cancelled. Default: until cancelled. */
  readonly bars?: number;
  /** Never opens, enlarges or flips a position. */
  readonly reduceOnly?: boolean;
  /** One cancels the other: a fill of one such order cancels the symbol's other orders that carry it. */
  readonly oco?: boolean;
}

/** What decide() may look at and do at the close of one bar. One object, reused: keep numbers, not the object. */
export interface NowBase extends ClosedBar {
  readonly symbol: string;
  /** Signed base units held now; 0 when flat. */
  readonly position: number;
  /** Value of the position as a fraction of this symbol's share of the equity, signed. */
  readonly weight: number;
  /** Quote money: cash and all positions at their last closes. */
  readonly equity: number;
  /** Average price of the open position; NaN when flat. */
  readonly entryPrice: number;
  /** Closed bars since the position was opened; 0 on the first, and when flat. */
  readonly barsHeld: number;
  /** Working orders of this symbol that wait for a price. */
  readonly working: number;
  /** The last closed bar of another timeframe. */
  tf(timeframe: Timeframe): ClosedBar;
  /**
   * Brings the position to `weight` x the harness's sizing, -1 to 1 (clamped), replacing the symbol's working orders.
   * Asking again for the weight last asked for trades nothing, even when prices have moved the position's share of the equity
   * (`now.weight`): it changes only the protection. To rebalance, give another weight, or `order()` the difference.
   * Where the money was not enough for nine tenths of it (another symbol was still to be sold), asking again brings it up.
   */
  target(weight: number, options?: OrderOptions): void;
  /** Adds a working order that changes the weight by `change`, beside the others. */
  order(change: number, options?: OrderOptions): void;
  /** Sets the exits of the open position. */
  protect(levels: Protection): void;
  /** Cancels the working orders and closes the position at the market. */
  flat(): void;
  /** Cancels the working orders; position and protection stay. */
  cancel(): void;
}

/** The view with the candidate's own indicators as numbers. */
export type Now<I extends object = Record<never, Series>> = NowBase & {
  readonly [K in keyof I]: I[K] extends Series ? number : { readonly [B in keyof I[K]]: number };
} & {
  /** A column or indicator (`'fast'`, `'bands.upper'`) `bars` closed bars ago; 0 is this bar, NaN before the data. */
  ago(name: SeriesName<I> | keyof ClosedBar, bars: number): number;
};

type SeriesName<I> = {
  [K in keyof I & string]: I[K] extends Series ? K : `${K}.${keyof I[K] & string}`;
}[keyof I & string];
