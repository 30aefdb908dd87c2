import { isoDay } from '../base/numbers.ts';
import type { Range } from '../market/bars.ts';
import { Lines } from './chained.ts';
import { type Entry, type EntryOf, keyOf, line } from './entries.ts';
import { Markets } from './markets.ts';
import { SLOT } from './series.ts';
import { REMEDIES } from './store.ts';

/** What was spent on one market: over every tag, config and process. */
export interface Spent {
  /** N: trials charged, and curves of tunings that sessions were shown. */
  readonly trials: number;
  /** Looks at selection days that are among the setting's own. */
  readonly looks: number;
  /** Openings of holdout days that are among the setting's own. */
  readonly holdouts: readonly EntryOf<'holdout'>[];
  readonly keeps: readonly EntryOf<'keep'>[];
  readonly tags: readonly string[];
  /** Why earlier spending on this market was forgotten, in order; empty when it never was. */
  readonly forgotten: readonly string[];
}

/** One line of `ralph ledger --json`. */
export type MarketRow = ReturnType<Book['rows']>[number];

type Spending = EntryOf<'trial' | 'look' | 'shown' | 'keep' | 'holdout'>;

/** Where a run's journal stood when the ledger last wrote of it. */
interface Known {
  readonly seq: number;
  readonly hash: string;
  /** The trial that was charged last. */
  readonly trial: string;
  /** The trial whose holdout was answered then; absent where it is the charge. */
  readonly answered?: string;
}

/** The ledger read into memory, line by line, with its chain checked. */
export class Book extends Lines<Entry> {
  readonly #markets = new Markets();
  readonly #settings = new Map<string, EntryOf<'setting'>>();
  readonly #spent: { readonly seq: number; readonly entry: Spending }[] = [];
  readonly #forgets: { readonly seq: number; readonly entry: EntryOf<'forget'> }[] = [];
  readonly #journals = new Map<string, Known>();
  /** Fingerprint of what was charged, by run and trial; and those trials that have begun. */
  readonly #charged = new Map<string, string>();
  readonly #begun = new Set<string>();
  readonly #forward = new Map<string, EntryOf<'forward'>[]>();

  constructor() {
    super({ name: 'ledger', remedy: REMEDIES.ledger, line, keyOf });
  }

  /**
   * Where a run's journal stood when the run last charged a trial or its holdout last answered; a journal that no longer reaches there has lost
   * its end.
   */
  journalOf(run: string): Known | undefined {
    return this.#journals.get(run);
  }

  /** Fingerprint of code and parameters that a trial of a run was charged for; undefined for one that was not. */
  codeOf(run: string, trial: string): string | undefined {
    return this.#charged.get(`${run} ${trial}`);
  }

  /** Whether a trial of a run has begun with other code or parameters than these. */
  begunWithOther({ run, trial, fingerprint }: Pick<EntryOf<'trial'>, 'run' | 'trial' | 'fingerprint'>): boolean {
    return this.#begun.has(`${run} ${trial}`) && this.codeOf(run, trial) !== fingerprint;
  }

  /** Every head of the forward record that told of a run, in order. */
  forwardOf(run: string): readonly EntryOf<'forward'>[] {
    return this.#forward.get(run) ?? [];
  }

  /** What was spent on the markets of a setting, up to and with line `until`. */
  spentOn(setting: EntryOf<'setting'>, until = Number.POSITIVE_INFINITY): Spent {
    const mine = this.#markets.of(setting.series);
    const spent = this.#spent.filter(({ seq, entry }) => seq <= until && this.#counts(seq, entry, mine));
    const of = <T extends Spending['type']>(type: T) =>
      spent.flatMap(({ entry }) => (entry.type === type ? [entry as EntryOf<T>] : []));
    return {
      ...totalOf(spent.map(({ entry }) => entry)),
      looks: of('look').filter((look) =>
        overlaps(
          this.#moved(look, setting, ({ selection }) => selection),
          setting.selection,
        ),
      ).length,
      holdouts: of('holdout').filter((opening) =>
        overlaps(
          this.#moved(opening, setting, ({ holdout }) => [holdout]),
          [setting.holdout],
        ),
      ),
      keeps: of('keep'),
      forgotten: this.#forgets.flatMap(({ seq, entry }) =>
        seq <= until && touches(this.#markets.of(entry.series), mine) ? [entry.why] : [],
      ),
    };
  }

  /** What is spent by now on the markets that a run last charged a trial on; undefined for a run that the ledger does not know. */
  spentOf(run: string): Spent | undefined {
    const last = this.#spent.findLast(({ entry }) => entry.type === 'trial' && entry.run === run);
    return last && this.spentOn(this.#settingOf(last.entry));
  }

  /** The windows under which an earlier trial or keep was charged. */
  #settingOf({ setting }: Spending): EntryOf<'setting'> {
    return this.#settings.get(setting)!;
  }

  /** The train days of an earlier keep in the calendar of a setting of the same market. */
  trainOf(keep: EntryOf<'keep'>, setting: EntryOf<'setting'>): Range {
    return this.#moved(keep, setting, ({ train }) => [train])[0];
  }

  /**
   * Held-back days of a setting on which a search of this market has chosen already, one line each with tag and dates: train days of a trial, and
   * for the holdout the selection days of a look. Forgetting does not clear them: a search that has seen a day has seen it.
   */
  chosenOn(setting: EntryOf<'setting'>): string[] {
    const mine = this.#markets.of(setting.series);
    const tagsOf = { trial: new Map<string, Set<string>>(), look: new Map<string, Set<string>>() };
    for (const { entry } of this.#spent) {
      if (entry.type !== 'trial' && entry.type !== 'look') continue;
      if (!touches(this.#markets.of(this.#settingOf(entry).series), mine)) continue;
      tagsOf[entry.type].getOrInsertComputed(entry.setting, () => new Set()).add(entry.tag);
    }
    const holdout = ['holdout', setting.holdout] as const;
    const held = [...setting.selection.map((fold, k) => [`selection fold ${k + 1}`, fold] as const), holdout];
    return [
      ...[...tagsOf.trial].flatMap(([name, tags]) =>
        this.#moved({ setting: name }, setting, ({ train }) => [train]).flatMap((seen) =>
          common(held, seen, 'train', tags),
        ),
      ),
      ...[...tagsOf.look].flatMap(([name, tags]) =>
        this.#moved({ setting: name }, setting, ({ selection }) => selection).flatMap((seen) =>
          common([holdout], seen, 'selection', tags),
        ),
      ),
    ];
  }

  /** Every market with what was spent on it, in the order in which they were met. */
  rows() {
    return this.#markets.all().map(([market, all]) => {
      const counting = this.#spent.filter(({ seq, entry }) => this.#counts(seq, entry, new Set([market])));
      const spent = counting.map(({ entry }) => entry);
      return {
        symbol: [...new Set(all.map(({ symbol }) => symbol))].join(' = '),
        from: isoDay(Math.min(...all.map(({ from }) => from))),
        to: isoDay(Math.max(...all.map(({ from, prices }) => from + prices.length * SLOT))),
        ...totalOf(spent),
        looks: spent.filter(({ type }) => type === 'look').length,
        holdouts: spent.filter(({ type }) => type === 'holdout').length,
      };
    });
  }

  /** The entry that forgets what was spent on a symbol so far; null when the ledger does not know the symbol. */
  forgetting(symbol: string, why: string): EntryOf<'forget'> | null {
    const series = this.#markets.named(symbol);
    const markets = this.#markets.of(series);
    const runs = this.#spent.flatMap(({ seq, entry }) => (this.#counts(seq, entry, markets) ? [entry.run] : []));
    return series.length === 0 ? null : { type: 'forget', series, runs: [...new Set(runs)], why, at: Date.now() };
  }

  protected override fold(entry: Entry, seq: number): void {
    if (entry.type === 'series') this.#markets.meet(entry);
    else if (entry.type === 'setting') this.#settings.set(entry.setting, entry);
    else if (entry.type === 'forget') this.#forgets.push({ seq, entry });
    else if (entry.type === 'begun') this.#begun.add(`${entry.run} ${entry.trial}`);
    else if (entry.type === 'forward') this.#forward.getOrInsert(entry.run, []).push(entry);
    else if (entry.type !== 'answered') this.#spent.push({ seq, entry });
    // A trial of a copy that went on elsewhere says nothing of this run's journal; see mergeLedger.
    const own = 'trial' in entry && !entry.trial.includes('~');
    if (own && entry.type === 'answered') this.#heard(entry);
    if (entry.type !== 'trial') return;
    if (own) this.#journals.set(entry.run, { ...entry.journal, trial: entry.trial });
    this.#charged.set(`${entry.run} ${entry.trial}`, entry.fingerprint);
  }

  /** An answer that was entered late is behind what is known already. */
  #heard({ run, trial, journal }: EntryOf<'answered'>): void {
    const last = this.#journals.get(run);
    if (last && last.seq >= journal.seq) return;
    this.#journals.set(run, { ...journal, trial: last?.trial ?? trial, answered: trial });
  }

  /** Dates of the windows under which something was spent, in the calendar of another setting's series. */
  #moved(
    { setting: name }: Pick<Spending, 'setting'>,
    { series }: EntryOf<'setting'>,
    datesOf: (theirs: EntryOf<'setting'>) => readonly Range[],
  ): Range[] {
    const theirs = this.#settings.get(name)!;
    return datesOf(theirs).flatMap((dates) => this.#markets.moved(dates, theirs.series, series));
  }

  #counts(seq: number, entry: Spending, markets: ReadonlySet<string>): boolean {
    if (!touches(this.#markets.of(this.#settingOf(entry).series), markets)) return false;
    return !this.#forgets.some(
      (forget) =>
        seq < forget.seq &&
        forget.entry.runs.includes(entry.run) &&
        touches(this.#markets.of(forget.entry.series), markets),
    );
  }
}

/** N of some entries, and whose they are. */
function totalOf(spent: readonly Spending[]): Pick<Spent, 'trials' | 'tags'> {
  const counted = (entry: Spending) => (entry.type === 'trial' ? 1 : entry.type === 'shown' ? entry.curves : 0);
  const trials = spent.reduce((sum, entry) => sum + counted(entry), 0);
  return { trials, tags: [...new Set(spent.map(({ tag }) => tag))] };
}

/** The held-back stretches that share days with `seen`, as words. */
function common(
  held: readonly (readonly [name: string, Range])[],
  seen: Range,
  role: string,
  tags: ReadonlySet<string>,
): string[] {
  return held.flatMap(([name, { from, to }]) => {
    if (from >= seen.to || to <= seen.from) return [];
    const days = `${isoDay(Math.max(from, seen.from))} to ${isoDay(Math.min(to, seen.to))}`;
    return [`${name}: ${days} was ${role} of ${[...tags].join(', ')}`];
  });
}

function touches(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return !a.isDisjointFrom(b);
}

function overlaps(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some((one) => b.some((other) => one.from < other.to && other.from < one.to));
}
