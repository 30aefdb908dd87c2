import type { Range, Timeframe } from '../market/bars.ts';
import type { Params } from '../strategy/candidate.ts';

/** How pessimistic the world is in one simulation. The neutral one is `{ name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 }`. */
export interface Scenario {
  readonly name: string;
  /** Multiplies fees and slippage. */
  readonly costMultiplier: number;
  /** Fills that rested pay this many half spreads (Roll 1984) of the window on top: what bouncing between bid and ask gave them. Default 0. */
  readonly restingSpreads?: number;
  /** Multiplies the cash at the start: what larger money would have made. Default 1. */
  readonly cashMultiplier?: number;
  /** Extra 1-minute bars between a decision and its orders being live. */
  readonly delayBars: number;
  /** Every n-th entry that would fill is missed; 0 for none. Exits are never missed. */
  readonly missEvery: number;
}

/** A market without direction made from the window; see surrogateOf. */
export interface SurrogateRequest {
  /** Which of many; the coins come from the data and this alone. */
  readonly index: number;
  /** Minutes over which a sign is held. */
  readonly holdMinutes: number;
  /** Keeps the window's mean log return. */
  readonly drift: boolean;
  /** Each symbol has coins of its own; otherwise all share them. */
  readonly ownSigns?: boolean;
  /** Nothing is mirrored; prices and volumes of the window are a little off. `index` 0: not even that. */
  readonly noise?: boolean;
}

/** From `from` (midnight UTC, epoch ms) on, decisions are made with `params`; what is held and what waits is carried on. */
export interface ParamStep {
  readonly from: number;
  readonly params: Params;
}

export interface SimulationRequest {
  readonly params: Params;
  readonly scenario: Scenario;
  /**
   * `full` adds the fills and what stands at the end; sweeps ask for `summary` so that memory stays flat. `days` leaves the rows of trades
   * out, which are most of a summary: the many of a null and of a tuner are read by their days and counts.
   */
  readonly detail: 'days' | 'summary' | 'full';
  /** Part of the window to trade; the bars before it are warm-up. Absent: the whole window. */
  readonly range?: Range;
  /** Parameters that replace `params` from a day on: what a trader would have used who tunes again now and then. Rising. */
  readonly path?: readonly ParamStep[];
  /** Bars from here on (epoch ms UTC) are not there at all: what is measured and what made it cannot know them. */
  readonly until?: number;
  /** Plays on this surrogate in place of the window, without tick, lot, smallest order and funding. */
  readonly surrogate?: SurrogateRequest;
}

export interface Fill {
  readonly symbol: string;
  /** Epoch ms UTC of the 1-minute bar in which it filled. */
  readonly time: number;
  readonly price: number;
  /** Base units, positive for a buy. */
  readonly quantity: number;
  /** Quote money, positive is paid. */
  readonly fee: number;
  readonly reason:
    | 'market'
    | 'limit'
    | 'trigger'
    | 'stop'
    | 'target'
    | 'trailing'
    | 'delisting'
    | 'liquidation'
    | 'membership';
}

/** Closed trades, column by column: row i is one position from its opening to its return to zero (or a flip). */
export interface TradeColumns {
  readonly length: number;
  /** Index into the candidate's symbols. */
  readonly symbol: Uint8Array;
  /** 1 long, -1 short. */
  readonly side: Int8Array;
  readonly entryTime: Float64Array;
  readonly exitTime: Float64Array;
  /** Average prices, as filled. */
  readonly entryPrice: Float64Array;
  readonly exitPrice: Float64Array;
  /** Largest size held, base units. */
  readonly quantity: Float64Array;
  /** Quote money after fees and funding. */
  readonly profit: Float64Array;
}

/** An order that waits after the last bar. Prices are null where it has none. */
export interface WorkingOrder {
  readonly side: 'buy' | 'sell';
  /** A market order fills at the next bar; a trigger with a limit becomes that limit order once it is touched. */
  readonly kind: 'market' | 'limit' | 'trigger' | 'trigger-limit';
  /** Base units still to trade, above 0. */
  readonly quantity: number;
  readonly limit: number | null;
  readonly trigger: number | null;
  /** Exits that the position gets with its fill. */
  readonly stop: number | null;
  readonly target: number | null;
  /** Distance of the trailing stop from the best price, in quote money. */
  readonly trail: number | null;
  readonly reduceOnly: boolean;
}

/** Where one symbol stands after the last bar of a simulation: nothing is closed at the end. */
export interface Standing {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Start of the last bar, epoch ms UTC, and its close. */
  readonly bar: number;
  readonly close: number;
  /** Close of the bar that was decided on last, epoch ms UTC; null before the end of the warm-up. */
  readonly decided: number | null;
  /** Base units, negative for a short. */
  readonly position: number;
  readonly entryPrice: number | null;
  /** Where the position is left: prices, the trailing stop at the price that it has reached. */
  readonly stop: number | null;
  readonly target: number | null;
  readonly trailingStop: number | null;
  readonly orders: readonly WorkingOrder[];
}

/** What one symbol of a universe did for the whole. */
export interface SymbolResult {
  readonly symbol: string;
  /** Quote money after fees and funding; what is held at the end counts at its last close. */
  readonly profit: number;
  /** Sum of |price x quantity| over its fills, quote money. */
  readonly traded: number;
  /** Mean of |position value| / equity over the minutes. */
  readonly exposure: number;
}

/** What the engine measured. Derived ratios are computed from it by the harness, never by the child. */
export interface SimulationResult {
  readonly scenario: string;
  readonly params: Params;
  /** Starting cash and equity at the last bar, quote money; the last position is marked to the last close. */
  readonly cash: number;
  readonly finalEquity: number;
  /** Midnight of every UTC day of the range, epoch ms, and the equity at the day's last bar (carried over days without one). */
  readonly days: Float64Array;
  readonly dayEquity: Float64Array;
  /** The same for one unit of cash held in the symbols at equal weights from the first bar: the benchmark. */
  readonly dayBenchmark: Float64Array;
  /**
   * Quadratic variation of equity and benchmark, day by day: squared changes from 1-minute close to 1-minute close, summed, over the
   * squared level at the start of the day. Its sum compares with that of squared daily returns.
   */
  readonly dayVariation: Float64Array;
  readonly benchmarkVariation: Float64Array;
  /** Empty when detail was `days`. */
  readonly trades: TradeColumns;
  /** Largest fall from a peak of 1-minute equity, as a fraction of the peak, and the longest time under water in ms. */
  readonly maxDrawdown: number;
  readonly underwaterMs: number;
  /** Largest loss that an open position showed at a 1-minute low or high, as a fraction of the equity when it was opened. */
  readonly adverse: number;
  /** Positions closed, in shares of the largest size that each had: a book that is always invested has no closed trades but these. */
  readonly roundTrips: number;
  /** 1-minute bars in the range, and those with a position. */
  readonly bars: number;
  readonly barsInPosition: number;
  /** Mean of |position value| / equity over the bars, sampled at the close of each decision bar. */
  readonly meanExposure: number;
  /** Sum of |price x quantity| over the fills, and what was paid, quote money. */
  readonly traded: number;
  readonly fees: number;
  readonly slippage: number;
  readonly funding: number;
  readonly decisions: number;
  readonly fillCount: number;
  /** Orders that were not taken: shorts on spot, too small, too many. */
  readonly refused: number;
  /** Equity reached zero: the simulation stopped there. */
  readonly ruined: boolean;
  /** Of a universe, in the order of the names. */
  readonly symbols?: readonly SymbolResult[];
  /** SHA-256 over the fills and the daily equity, byte for byte; the same on every machine. */
  readonly equityFingerprint: string;
  /** Present when detail was `full`. */
  readonly fills?: readonly Fill[];
  /** Likewise: one a symbol, what is held and what waits after the last bar. */
  readonly standings?: readonly Standing[];
}

/** Why a box gave no answer. The message is readable and names the candidate's line where there is one. */
export interface BoxFailure {
  readonly ok: false;
  readonly kind: 'throw' | 'timeout' | 'memory' | 'leak' | 'policy' | 'protocol';
  readonly message: string;
}

export type BoxAnswer<T> = { readonly ok: true; readonly value: T } | BoxFailure;

export interface FutureReport {
  readonly cuts: number;
  /** Decisions compared, over all cuts. */
  readonly compared: number;
  /** The first decision that changed when the future was replaced, or null. */
  readonly leak: { readonly cut: number; readonly decision: number; readonly message: string } | null;
}

/** What an audit found: whether decisions depend on the future, and on what a candidate may remember. */
export interface CausalityReport extends FutureReport {
  /** Left out where a leak was found, and by trusted code in this process. */
  readonly memory?: MemoryReport;
}

/** Whether a candidate recognises the market it is judged on. */
export interface MemoryReport {
  /** Why its decisions depend on the level of prices, or null. */
  readonly scaled: string | null;
  /** How much it earns the same when the bars begin some days later, 0 to 1: the worst of some starts. */
  readonly agreement: number;
  /** The account is used up on the audited window: later starts have nothing to agree with. */
  readonly ruined?: boolean;
  /** Lowest and highest price of the audited window, over all symbols. */
  readonly prices: readonly [number, number];
}

/** One evaluation child with one candidate and the window files it was handed. Requests are answered in order. */
export interface Box {
  simulate(requests: readonly SimulationRequest[]): Promise<BoxAnswer<SimulationResult[]>>;
  /** Keeps the past, replaces the future, compares every decision up to the cut; cuts lie where the candidate acts. */
  future(params: Params, cuts: number, seed: number): Promise<BoxAnswer<FutureReport>>;
  /** Prices scaled, and bars that begin later. */
  memory(params: Params, seed: number): Promise<BoxAnswer<MemoryReport>>;
  /** Both, the second where the first found no leak. */
  audit(params: Params, cuts: number, seed: number): Promise<BoxAnswer<CausalityReport>>;
  /** Which of these parameters the candidate's `where` allows: all of them where it has none. */
  allowed(points: readonly Params[]): Promise<BoxAnswer<boolean[]>>;
  /** Ends the child. Safe to call twice and after a failure. */
  close(): Promise<void>;
}
