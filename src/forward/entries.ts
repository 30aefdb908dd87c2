import { z } from 'zod';
import { sha256 } from '../base/hash.ts';
import { lineOf } from '../ledger/chained.ts';

const range = z.object({ from: z.number(), to: z.number() });
const trial = { run: z.string(), trial: z.string() };

/** What a backtest depends on besides the candidate, each as a hash: bars before the freeze, daily returns of train, engine, costs. */
const basisSchema = z.object({ history: z.string(), train: z.string(), engine: z.string(), market: z.string() });
export type Basis = Readonly<z.infer<typeof basisSchema>>;

/** Sums over days from which the variance of the judge follows; returns are daily fractions. */
const sumsSchema = z.object({
  days: z.number(),
  returns: z.number(),
  squares: z.number(),
  variation: z.number(),
  benchmark: z.number(),
  benchmarkSquares: z.number(),
  benchmarkVariation: z.number(),
});
export type Sums = Readonly<z.infer<typeof sumsSchema>>;

/** What a candidate is held to. Annual Sharpe ratios of what holding the market does not explain. */
const promiseSchema = z.object({
  /** As it was measured on train, and its standard error; null for a candidate whose returns never varied. */
  observed: z.number().nullable(),
  error: z.number().nullable(),
  /** N when it was kept. */
  trials: z.number(),
  /** Shrunk for having been the best of N. */
  sharpe: z.number(),
});
export type Promised = Readonly<z.infer<typeof promiseSchema>>;

/** What was traded in a stretch of one account carried on from the first day of train. */
const activitySchema = z.object({
  name: z.enum(['train', 'folds', 'holdout', 'record']),
  days: z.number(),
  bars: z.number(),
  fills: z.number(),
  trades: z.number(),
  /** Mean share of the equity invested. */
  exposure: z.number(),
  /** Quote money traded, and paid for it: fees, slippage, funding. */
  traded: z.number(),
  costs: z.number(),
});
export type Activity = Readonly<z.infer<typeof activitySchema>>;

/** [epoch ms, symbol, price, quantity (positive for a buy), fee, reason] */
const fillSchema = z.tuple([z.number(), z.string(), z.number(), z.number(), z.number(), z.string()]);

/** Everything that the record can hold. Times are epoch ms UTC, returns are daily fractions. */
const entrySchema = z.discriminatedUnion('type', [
  /** Opens the record of one trial; nothing of it is read again from the run. */
  z.object({
    type: z.literal('frozen'),
    ...trial,
    tag: z.string(),
    candidate: z.string(),
    family: z.string(),
    role: z.enum(['keep', 'control']),
    fingerprint: z.string(),
    files: z.record(z.string(), z.string()),
    params: z.record(z.string(), z.number()),
    symbols: z.array(z.string()),
    /** First and last + 1 day of train. */
    train: range,
    /** First day of the record: no window of the run reaches it. */
    from: z.number(),
    /** When the trial ended: days that begin later did not exist then. */
    kept: z.number(),
    promise: promiseSchema,
    /** Beta to the benchmark on train. */
    beta: z.number(),
    /** Expected square of a daily return net of beta on the first day. */
    variance: z.number(),
    sums: sumsSchema,
    activity: z.array(activitySchema),
    basis: basisSchema,
  }),
  /** One day, written once. */
  z.object({
    type: z.literal('day'),
    ...trial,
    day: z.number(),
    return: z.number(),
    benchmark: z.number(),
    /** Quadratic variation by the minute. */
    variation: z.number(),
    benchmarkVariation: z.number(),
    fills: z.array(fillSchema),
    /** Base units held after the day: of the symbols of the freeze, then of those that joined the set since. */
    positions: z.array(z.number()),
    /** Hash of the day's bars of all symbols, of a set those that had joined by then. */
    bars: z.string(),
    engine: z.string(),
  }),
  /** Bars that were recorded, or what a backtest depends on, have changed since. What was recorded stays; later days go on from `basis`. */
  z.object({
    type: z.literal('corrected'),
    ...trial,
    /** Counts the corrections of a trial from 1. */
    number: z.number(),
    days: z.array(z.object({ day: z.number(), bars: z.string() })),
    basis: basisSchema,
  }),
  /** A person goes on with a record that lost lines: the head that the ledger knew, and why. */
  z.object({ type: z.literal('accepted'), run: z.string(), seq: z.number(), hash: z.string(), why: z.string() }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type EntryOf<T extends Entry['type']> = Readonly<Extract<Entry, { type: T }>>;
export type Frozen = EntryOf<'frozen'>;
export type Day = EntryOf<'day'>;

export const line = lineOf(entrySchema);

/** Two entries with one key are one: a day that comes again changes nothing, whatever its bars are now. */
export function keyOf(entry: Entry): string {
  switch (entry.type) {
    case 'frozen':
      return `frozen ${entry.run} ${entry.trial}`;
    case 'day':
      return `day ${entry.run} ${entry.trial} ${entry.day}`;
    case 'corrected':
      return `corrected ${entry.run} ${entry.trial} ${entry.number} ${sha256(JSON.stringify([entry.days, entry.basis]))}`;
    case 'accepted':
      return `accepted ${entry.run} ${entry.seq} ${entry.hash}`;
  }
}
