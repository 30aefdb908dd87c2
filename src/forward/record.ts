import { RalphError } from '../base/errors.ts';
import { GENESIS, type Head } from '../base/hash.ts';
import { isoDay } from '../base/numbers.ts';
import { type Chained, chainedOn, Lines } from '../ledger/chained.ts';
import { openStore, REMEDIES } from '../ledger/store.ts';
import { DAY } from '../market/bars.ts';
import type { DatabaseOptions } from '../market/database.ts';
import { type Basis, type Day, type Entry, type EntryOf, type Frozen, keyOf, line } from './entries.ts';

/** What is recorded of one trial. */
export interface TrialRecord {
  readonly frozen: Frozen;
  /** Contiguous from `frozen.from` on, in order. */
  readonly days: readonly Day[];
  readonly corrections: readonly EntryOf<'corrected'>[];
}

/** What was recorded of trials after their freeze: append-only, beside the ledger of the same data. */
export type ForwardRecord = Chained<Entry, Records>;

/** Opens the record of the user's database, or of the data folder (`forward.sqlite`). */
export function openForwardRecord(database: DatabaseOptions): ForwardRecord {
  return chainedOn(openStore(database, 'forward'), () => new Records());
}

/** The record read into memory, line by line, with its chain checked. */
export class Records extends Lines<Entry> {
  readonly #hashes = [GENESIS.hash];
  readonly #trials = new Map<string, { frozen: Frozen; days: Day[]; corrections: EntryOf<'corrected'>[] }>();
  readonly #accepted: EntryOf<'accepted'>[] = [];

  constructor() {
    super({ name: 'forward record', remedy: REMEDIES.forward, line, keyOf });
  }

  override take(text: string): Entry {
    const entry = super.take(text);
    this.#hashes.push(this.head.hash);
    return entry;
  }

  of(run: string, trial: string): TrialRecord | undefined {
    return this.#trials.get(`${run} ${trial}`);
  }

  /** Every trial of a run that has a record, in the order in which they were opened. */
  ofRun(run: string): TrialRecord[] {
    return [...this.#trials.values()].filter(({ frozen }) => frozen.run === run);
  }

  /** Why a person went on with a record of this run that had lost lines. */
  acceptedOf(run: string): readonly EntryOf<'accepted'>[] {
    return this.#accepted.filter((entry) => entry.run === run);
  }

  /** Of the heads that the ledger knows of a run, those that this record does not hold: it lost lines, or was begun anew. */
  lostOf<H extends Head>(run: string, heads: readonly H[]): H[] {
    const accepted = new Set(this.acceptedOf(run).map(({ seq, hash }) => `${seq} ${hash}`));
    return heads.filter(({ seq, hash }) => this.#hashes[seq] !== hash && !accepted.has(`${seq} ${hash}`));
  }

  protected override fold(entry: Entry): void {
    if (entry.type === 'accepted') {
      this.#accepted.push(entry);
      return;
    }
    const name = `${entry.run} ${entry.trial}`;
    if (entry.type === 'frozen') {
      this.#trials.set(name, { frozen: entry, days: [], corrections: [] });
      return;
    }
    const record = this.#trials.get(name);
    if (!record) throw new Error(`the forward record tells of ${name} before it was opened`);
    if (entry.type === 'corrected') record.corrections.push(entry);
    else if (entry.day !== nextDay(record))
      throw new Error(`the forward record of ${name} has a gap before ${isoDay(entry.day)}`);
    else record.days.push(entry);
  }
}

/** Midnight of the first day that is not recorded yet. */
export function nextDay({ frozen, days }: Pick<TrialRecord, 'frozen' | 'days'>): number {
  return frozen.from + days.length * DAY;
}

/** What the next day of a record goes on from. */
export function basisOf({ frozen, corrections }: TrialRecord): Basis {
  return corrections.at(-1)?.basis ?? frozen.basis;
}

/** Hash of the bars of each recorded day, as they were when they were last looked at. */
export function knownBars({ days, corrections }: TrialRecord): Map<number, string> {
  const known = new Map(days.map(({ day, bars }) => [day, bars]));
  for (const correction of corrections) for (const { day, bars } of correction.days) known.set(day, bars);
  return known;
}

/** Throws RalphError when the ledger knows of lines that the record does not hold. */
export function refuseLost(records: Records, run: string, heads: readonly Head[]): void {
  const lost = records.lostOf(run, heads).at(-1);
  if (lost === undefined) return;
  throw new RalphError(
    `the forward record lost lines: the ledger knows line ${lost.seq} of it, and it is not there as it was written`,
    {
      expected: `line ${lost.seq} with the hash ${lost.hash.slice(0, 12)}`,
      remedy: `${REMEDIES.forward} Or go on with what is left, and say why: npm run ralph -- forward --accept "WHY". Every later output says so.`,
    },
  );
}
