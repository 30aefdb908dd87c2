import { z } from 'zod';
import { sha256 } from '../base/hash.ts';
import { lineOf } from './chained.ts';

const range = z.object({ from: z.number(), to: z.number() });
/** Whose doing it is: the run's own key, its tag, and the trial. */
const doer = { run: z.string(), tag: z.string(), trial: z.string(), setting: z.string() };

/** Everything that the ledger can hold. Times are epoch ms UTC, returns are daily fractions. */
const entrySchema = z.discriminatedUnion('type', [
  /**
   * Daily returns of one symbol from the day `from` on, as base64 of float32; NaN where a day has no bar. `fine`: changes of the logarithm of the
   * price every two hours from the day before on, as base64 of float16; absent in a ledger of before. Named by its content.
   */
  z.object({
    type: z.literal('series'),
    series: z.string(),
    symbol: z.string(),
    from: z.number(),
    returns: z.string(),
    fine: z.string().optional(),
  }),
  /** The windows and series that a run works on. Named by its content. */
  z.object({
    type: z.literal('setting'),
    setting: z.string(),
    series: z.array(z.string()),
    train: range,
    selection: z.array(range),
    holdout: range,
  }),
  /** A trial that is about to run. `journal` is where the run's journal stood. */
  z.object({
    type: z.literal('trial'),
    ...doer,
    fingerprint: z.string(),
    journal: z.object({ seq: z.number(), hash: z.string() }),
  }),
  /** Its start is in the journal of its run: from here on the trial's number is that of its code, whatever becomes of that journal. */
  z.object({ type: z.literal('begun'), ...doer }),
  z.object({ type: z.literal('look'), ...doer }),
  /** Points of a trial's tuning that a session was shown, as independent curves: they count in N like trials. */
  z.object({ type: z.literal('shown'), ...doer, curves: z.number() }),
  /** A kept candidate: `equity` is the fingerprint of its train equity curve, `returns` are those of train as base64 of float64. */
  z.object({
    type: z.literal('keep'),
    ...doer,
    family: z.string(),
    equity: z.string().nullable(),
    score: z.number().nullable(),
    sharpe: z.number().nullable(),
    returns: z.string(),
  }),
  z.object({ type: z.literal('holdout'), ...doer, candidate: z.string(), fingerprint: z.string() }),
  /** What an opened holdout answered, and where the run's journal stood with that. */
  z.object({
    type: z.literal('answered'),
    ...doer,
    answer: z.string(),
    journal: z.object({ seq: z.number(), hash: z.string() }),
  }),
  /** How far the forward record was when it last told of this run: the number and hash of its last line. */
  z.object({ type: z.literal('forward'), run: z.string(), seq: z.number(), hash: z.string() }),
  /** What these runs spent on these series before this line counts no more. */
  z.object({
    type: z.literal('forget'),
    series: z.array(z.string()),
    runs: z.array(z.string()),
    why: z.string(),
    at: z.number(),
  }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;

export const line = lineOf(entrySchema);

/** Two entries with one key are one: adding it again, after a crash or by merging, changes nothing. */
export function keyOf(entry: Entry): string {
  switch (entry.type) {
    case 'series':
      return `series ${entry.series}`;
    case 'setting':
      return `setting ${entry.setting}`;
    case 'forget':
      return `forget ${sha256(JSON.stringify([entry.series, entry.runs, entry.why, entry.at])).slice(0, 16)}`;
    case 'forward':
      return `forward ${entry.run} ${entry.seq} ${entry.hash}`;
    default:
      return `${entry.type} ${entry.run} ${entry.trial}`;
  }
}
