/** What the page gets of the trades of a trial. Imports nothing, because the browser reads it too. Times are epoch ms UTC. */

/** Which stretch of a trial's tape is asked for. */
export interface TapeRequest {
  /** The first symbol when it is missing or unknown. */
  readonly symbol: string | null;
  /** Epoch ms; what is missing or no number becomes the stretch around the newest trade. */
  readonly from: number;
  readonly to: number;
}

/** A stretch of one symbol's bars with what the trial traded there. */
export interface Tape {
  /** The symbols of the candidate, and the one shown. */
  readonly symbols: readonly string[];
  readonly symbol: string;
  /** The train window. */
  readonly window: { readonly from: number; readonly to: number };
  /** What is shown of it. */
  readonly from: number;
  readonly to: number;
  /** Length of a candle. */
  readonly interval: number;
  /** Start of each candle in seconds since the epoch, as the chart wants it, and its prices. */
  readonly times: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly fills: readonly TapeFill[];
  /** Fills of this stretch that are too many to draw. */
  readonly fillsLeftOut: number;
  /** Every closed trade in this symbol, the newest first, at most as many as a list can hold. */
  readonly trades: readonly TapeTrade[];
  readonly tradesLeftOut: number;
}

export interface TapeFill {
  readonly at: number;
  readonly price: number;
  /** Positive for a buy. */
  readonly quantity: number;
  readonly reason: string;
}

export interface TapeTrade {
  readonly side: 'long' | 'short';
  readonly entryAt: number;
  readonly exitAt: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  /** Quote money after costs. */
  readonly profit: number;
}
