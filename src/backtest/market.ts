/** What trading one symbol costs and allows. Basis points of price; 0 switches a rule off unless it says otherwise. */
export interface SymbolCosts {
  /** Spot refuses shorts and never spends more cash than there is; a perpetual takes funding. */
  readonly kind: 'spot' | 'perpetual';
  /** Fee of limits and targets that rested. */
  readonly makerBps: number;
  /** Fee of market orders, stops, trailing stops, and limits that were marketable when they arrived. */
  readonly takerBps: number;
  /** Fixed slippage of every fill that takes. */
  readonly slippageBps: number;
  /** Slippage on top: this share of the high-low range of the bar that fills. */
  readonly rangeShare: number;
  /** Largest share of a 1-minute bar's volume that the fills of one order may take in it; the rest waits. 0: no cap. */
  readonly participation: number;
  /** Slippage on top: basis points per whole bar volume taken, linear in the share (0.1 of the volume pays a tenth). */
  readonly impactBps?: number;
  /** Price step; order prices and slipped fills are rounded to it against the strategy. */
  readonly tick: number;
  /** Quantity step; quantities are rounded towards zero. */
  readonly lot: number;
  /** Smallest order in base units and in quote money; smaller ones are refused unless they close a position. */
  readonly minQuantity?: number;
  readonly minNotional: number;
  /** Perpetual only: basis points of signed notional that a long pays (and a short receives) every `fundingHours` (8) from midnight UTC. */
  readonly fundingBps?: number;
  readonly fundingHours?: number;
  /** Perpetual only: known rates; `time` epoch ms rising, `rate` a fraction of notional. Replaces the configured rate where it reaches. */
  readonly fundingHistory?: { readonly time: ArrayLike<number>; readonly rate: ArrayLike<number> };
}

/**
 * What a weight of 1 means; the harness's choice, not the candidate's. With several symbols each gets an equal share
 * of the equity (`units`: that many units of each).
 * - fraction: that fraction of the equity, at most 1.
 * - units: base units.
 * - volatility: equity x target / realised volatility (annual, from daily closes of the last `lookbackDays`), at most `maxLeverage`.
 */
export type Sizing =
  | { readonly mode: 'fraction'; readonly fraction: number }
  | { readonly mode: 'units'; readonly units: number }
  | {
      readonly mode: 'volatility';
      readonly target: number;
      readonly lookbackDays: number;
      readonly maxLeverage: number;
    };

/** How large the book of a universe may be: sums of weights, which are fractions of the equity under the harness's sizing. */
export interface BookLimits {
  /** Largest sum of |weight|; more than 1 is leverage, which only perpetuals have. */
  readonly gross: number;
  /** Largest |sum of weights|. */
  readonly net: number;
}

/** When symbols of a universe are members, epoch ms at midnights UTC; null: open. A symbol that is not named is one always. */
export type Members = Readonly<Record<string, readonly { readonly from: number | null; readonly to: number | null }[]>>;

export const WHOLE_BOOK: BookLimits = { gross: 1, net: 1 };

/** The scenario of a simulation in which nothing is made worse. */
export const NEUTRAL = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 } as const;

/** The part of config/market.yaml that a simulation needs; structural, so that the whole config can be handed in. */
export interface EngineMarket {
  /** Quote money at the start. */
  readonly cash: number;
  readonly sizing: Sizing;
  /** Of a universe's book; WHOLE_BOOK when it is not given. */
  readonly limits?: BookLimits;
  /** Every universe sees handles in place of names, whether it asks for them or not. */
  readonly anonymous?: boolean;
  /** Of a universe that names a set: outside its membership a symbol is not traded. */
  readonly members?: Members;
  readonly symbols: Readonly<Record<string, SymbolCosts>>;
}
