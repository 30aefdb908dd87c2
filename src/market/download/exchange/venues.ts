/** What is known of an exchange's public interface and not told by it. */
export interface Venue {
  /** Bars that one answer holds at most. */
  readonly page: number;
  /** It gives no 1-minute bars but the newest few hundred: they are made of its trades, which reach back to its first day. */
  readonly trades?: boolean;
  /** Funding rates that one answer holds at most; absent where there is no public history of them. */
  readonly fundingPage?: number;
}

/** The exchanges that `data download` asks through ccxt, each tried against a local server that answers in its shapes. */
export const VENUES = {
  kraken: { page: 720, trades: true },
  bitstamp: { page: 1000 },
  coinbase: { page: 300 },
  okx: { page: 300, fundingPage: 100 },
  bybit: { page: 1000, fundingPage: 200 },
} as const satisfies Record<string, Venue>;
export type VenueName = keyof typeof VENUES;

/** One bar as exchanges give it: time in epoch ms, open, high, low, close, volume in base units. */
export type Row = readonly [time: number, open: number, high: number, low: number, close: number, volume: number];

/** Bars that were asked for up to `until` (epoch ms): what is not among them was not traded. */
export interface Page {
  readonly rows: readonly Row[];
  readonly until: number;
}

/** An answer that contradicts itself or an earlier one: asked for again a few times. */
export class OddAnswer extends Error {}

/** The exchange refuses the question itself: asking again does not help. */
export class RefusedQuestion extends Error {}
