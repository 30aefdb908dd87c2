import { z } from 'zod';
import { TIMEFRAMES } from '../../market/bars.ts';
import type { Reason } from '../account/reasons.ts';

// What an evaluation child answers: each schema is what an answer is held to, and the type that everybody reads it by.

const finite = z.number();
const count = z.number().int().nonnegative();
const price = finite.nullable();
const column: z.ZodType<Float64Array> = z
  .instanceof(Float64Array)
  .refine(areFinite, 'holds a number that is not finite');
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const symbol = z.string().max(40);

export interface Fill {
  readonly symbol: string;
  /** Epoch ms UTC of the 1-minute bar in which it filled. */
  readonly time: number;
  readonly price: number;
  /** Base units, positive for a buy. */
  readonly quantity: number;
  /** Quote money, positive is paid. */
  readonly fee: number;
  readonly reason: Reason;
}

const trades = z
  .strictObject({
    length: count,
    /** Index into the candidate's symbols. */
    symbol: z.instanceof(Uint8Array),
    /** 1 long, -1 short. */
    side: z.instanceof(Int8Array),
    entryTime: column,
    exitTime: column,
    /** Average prices, as filled. */
    entryPrice: column,
    exitPrice: column,
    /** Largest size held, base units. */
    quantity: column,
    /** Quote money after fees and funding. */
    profit: column,
  })
  .refine(
    ({ length, ...columns }) => Object.values(columns).every((each) => each.length === length),
    'columns of unequal length',
  );

/** Closed trades, column by column: row i is one position from its opening to its return to zero (or a flip). */
export type TradeColumns = Readonly<z.infer<typeof trades>>;

const workingOrder = z.strictObject({
  side: z.enum(['buy', 'sell']),
  /** A market order fills at the next bar; a trigger with a limit becomes that limit order once it is touched. */
  kind: z.enum(['market', 'limit', 'trigger', 'trigger-limit']),
  /** Base units still to trade, above 0. */
  quantity: finite.positive(),
  limit: price,
  trigger: price,
  /** Exits that the position gets with its fill. */
  stop: price,
  target: price,
  /** Distance of the trailing stop from the best price, in quote money. */
  trail: price,
  reduceOnly: z.boolean(),
});

/** An order that waits after the last bar. Prices are null where it has none. */
export type WorkingOrder = Readonly<z.infer<typeof workingOrder>>;

const standing = z.strictObject({
  symbol,
  timeframe: z.enum(TIMEFRAMES),
  /** Start of the last bar, epoch ms UTC, and its close. */
  bar: finite,
  close: finite,
  /** Close of the bar that was decided on last, epoch ms UTC; null before the end of the warm-up. */
  decided: price,
  /** Base units, negative for a short. */
  position: finite,
  entryPrice: price,
  /** Where the position is left: prices, the trailing stop at the price that it has reached. */
  stop: price,
  target: price,
  trailingStop: price,
  orders: z.array(workingOrder).max(64),
});

/** Where one symbol stands after the last bar of a simulation: nothing is closed at the end. */
export type Standing = Readonly<z.infer<typeof standing>>;

const symbolResult = z.strictObject({
  symbol,
  /** Quote money after fees and funding; what is held at the end counts at its last close. */
  profit: finite,
  /** Sum of |price x quantity| over its fills, quote money. */
  traded: finite,
  /** Mean of |position value| / equity over the minutes. */
  exposure: finite,
});

/** What one symbol of a universe did for the whole. */
export type SymbolResult = Readonly<z.infer<typeof symbolResult>>;

export const simulationResult = z
  .object({
    scenario: z.string().max(100),
    params: z.record(z.string(), finite),
    /** Starting cash and equity at the last bar, quote money; the last position is marked to the last close. */
    cash: finite,
    finalEquity: finite,
    /** Midnight of every UTC day of the range, epoch ms, and the equity at the day's last bar (carried over days without one). */
    days: column,
    dayEquity: column,
    /** The same for one unit of cash held in the symbols at equal weights from the first bar: the benchmark. */
    dayBenchmark: column,
    /**
     * Quadratic variation of equity and benchmark, day by day: squared changes from 1-minute close to 1-minute close, summed, over the
     * squared level at the start of the day. Its sum compares with that of squared daily returns.
     */
    dayVariation: column,
    benchmarkVariation: column,
    /** Empty when detail was `days`. */
    trades,
    /** Largest fall from a peak of 1-minute equity, as a fraction of the peak, and the longest time under water in ms. */
    maxDrawdown: finite,
    underwaterMs: finite,
    /** Largest loss that an open position showed at a 1-minute low or high, as a fraction of the equity when it was opened. */
    adverse: finite,
    /** Positions closed, in shares of the largest size that each had: a book that is always invested has no closed trades but these. */
    roundTrips: finite,
    /** 1-minute bars in the range, and those with a position. */
    bars: count,
    barsInPosition: count,
    /** Mean of |position value| / equity over the bars, sampled at the close of each decision bar. */
    meanExposure: finite,
    /** Sum of |price x quantity| over the fills, and what was paid, quote money. */
    traded: finite,
    fees: finite,
    slippage: finite,
    funding: finite,
    decisions: count,
    fillCount: count,
    /** Orders that were not taken: shorts on spot, too small, too many. */
    refused: count,
    /** Equity reached zero: the simulation stopped there. */
    ruined: z.boolean(),
    /** Of a universe, in the order of the names. */
    symbols: z.array(symbolResult).max(100).optional(),
    /** SHA-256 over the fills and the daily equity, byte for byte; the same on every machine. */
    equityFingerprint: fingerprint,
    /** Present when detail was `full`. */
    fills: z.custom<readonly Fill[]>(areFills, 'expected fills').optional(),
    /** Likewise: one a symbol, what is held and what waits after the last bar. */
    standings: z.array(standing).max(100).optional(),
  })
  .refine(
    ({ days, ...r }) =>
      [r.dayEquity, r.dayBenchmark, r.dayVariation, r.benchmarkVariation].every(({ length }) => length === days.length),
    'days of unequal length',
  )
  .refine(
    (r) => r.dayEquity.length === 0 || r.dayEquity.at(-1) === r.finalEquity,
    'the last day does not end with the final equity',
  )
  .refine((r) => r.barsInPosition <= r.bars, 'more bars in position than bars')
  .refine((r) => r.fills === undefined || r.fills.length === r.fillCount, 'fills do not match their count');

/** What the engine measured. Derived ratios are computed from it by the harness, never by the child. */
export type SimulationResult = Readonly<z.infer<typeof simulationResult>>;

/** Hundreds of columns a second pass here: a loop, because a call a number takes several times as long. */
function areFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** There may be a hundred thousand of them: a loop, because a schema an object takes longer than the simulation. */
function areFills(value: unknown): value is readonly Fill[] {
  if (!Array.isArray(value)) return false;
  return value.every((fill: unknown) => {
    if (typeof fill !== 'object' || fill === null) return false;
    const { symbol, time, price, quantity, fee, reason } = fill as Partial<Fill>;
    const text = typeof symbol === 'string' && symbol.length <= 40 && typeof reason === 'string' && reason.length <= 20;
    return text && [time, price, quantity, fee].every(Number.isFinite);
  });
}

export const futureReport = z.strictObject({
  cuts: count,
  /** Decisions compared, over all cuts. */
  compared: count,
  /** The first decision that changed when the future was replaced, or null. */
  leak: z.strictObject({ cut: finite, decision: finite, message: z.string().max(600) }).nullable(),
});
export type FutureReport = Readonly<z.infer<typeof futureReport>>;

export const memoryReport = z.strictObject({
  /** Why its decisions depend on the level of prices, or null. */
  scaled: z.string().max(600).nullable(),
  /** How much it earns the same when the bars begin some days later, 0 to 1: the worst of some starts. */
  agreement: finite,
  /** The same when the names and places of a universe's symbols are exchanged. */
  exchanged: finite.optional(),
  /** The account is used up on the audited window: later starts have nothing to agree with. */
  ruined: z.boolean().optional(),
  /** Lowest and highest price of the audited window, over all symbols. */
  prices: z.tuple([finite, finite]).readonly(),
});

/** Whether a candidate recognises the market it is judged on. */
export type MemoryReport = Readonly<z.infer<typeof memoryReport>>;

/** `memory` is left out where a leak was found, and by trusted code in this process. */
export const causalityReport = futureReport.extend({ memory: memoryReport.optional() });

/** What an audit found: whether decisions depend on the future, and on what a candidate may remember. */
export type CausalityReport = Readonly<z.infer<typeof causalityReport>>;

/** Of the windows that a child holds. */
export const fingerprints = z.array(fingerprint);
