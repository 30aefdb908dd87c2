import { say } from '../base/draw/terminal.ts';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import { counted } from '../base/numbers.ts';
import type { GatesConfig } from '../gates/config.ts';
import { feasibilityOf, type Outlook, outlookOf, type WindowRanges } from '../gates/feasibility.ts';
import type { EarlierTrial } from '../gates/history.ts';
import { type Opening, refuseOpening } from '../gates/holdout.ts';
import type { RunEvent } from '../journal/events.ts';
import type { Journal } from '../journal/journal.ts';
import type { Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import type { Book, Spent } from '../ledger/book.ts';
import type { Entry, EntryOf } from '../ledger/entries.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { settingOf } from '../ledger/series.ts';
import { DAY, type Range } from '../market/bars.ts';
import type { DatabaseOptions } from '../market/database.ts';
import { asDatabaseFault } from './database-fault.ts';
import { doerOf } from './doer.ts';
import type { ChargedTrial, TaskLedger } from './spending.ts';

/** The ledger of the run's data: opened at the first question, so that commands which only read a run need none. */
export function taskLedger(windows: WindowRanges, gates: GatesConfig, open: () => MarketLedger): TaskLedger {
  let opened: MarketLedger | undefined;
  const ask = async <T>(entries: (setting: EntryOf<'setting'>) => readonly Entry[], answer: Answer<T>): Promise<T> => {
    opened ??= open();
    const { ledger, setting, known } = opened;
    try {
      return await ledger.add([...known, ...entries(setting)], (book) => answer(book, setting));
    } catch (thrown) {
      throw asDatabaseFault(thrown);
    }
  };
  const nothing = () => undefined;
  const note = (entry: (setting: string) => Entry): Promise<void> => ask(({ setting }) => [entry(setting)], nothing);
  return {
    charge: ({ doer, fingerprint, journal }) =>
      ask(
        ({ setting }) => [{ type: 'trial', ...doer, setting, fingerprint, journal }],
        (book, setting): ChargedTrial | 'taken' => {
          if (book.begunWithOther({ ...doer, fingerprint })) return 'taken';
          const until = book.seqOf({ type: 'trial', ...doer } as Entry);
          const { trials, looks, keeps, forgotten } = book.spentOn(setting, until);
          return {
            n: trials,
            looks,
            rivals: keeps
              .filter(({ run }) => run !== doer.run)
              .map((keep) => rivalOf(keep, book.trainOf(keep, setting), windows.train)),
            ledger: { ...book.head },
            forgotten,
            trainOnly: feasibilityOf(windows, gates, trials, looks).problems.length > 0,
          };
        },
      ),
    begin: (doers) => ask(({ setting }) => doers.map((doer) => ({ type: 'begun', ...doer, setting })), nothing),
    look: (doer) =>
      ask(
        ({ setting }) => [{ type: 'look', ...doer, setting }],
        (book, setting) => book.spentOn(setting, book.seqOf({ type: 'look', ...doer } as Entry)).looks,
      ),
    show: (doer, curves) => note((setting) => ({ type: 'shown', ...doer, setting, curves })),
    keep: (doer, { family, fingerprint, score, sharpe, returns }) =>
      note((setting) => {
        const kept = { family, equity: fingerprint, score, sharpe, returns: textOf(returns) };
        return { type: 'keep', ...doer, setting, ...kept };
      }),
    enter: (run, own) =>
      ask(
        ({ setting }) => own.map((each) => ({ ...each, setting })) as Entry[],
        (book) => book.journalOf(run),
      ),
    refuseSeenDays: () => ask(() => [], refuseSeen),
    outlook: (night) =>
      ask(
        () => [],
        (book, setting) => {
          const spent = book.spentOn(setting);
          const { trials, looks, forgotten } = spent;
          const outlook = outlookOf(windows, gates, { trials, looks }, night);
          const lines = outlookLines(outlook, spent, night);
          return { n: trials, forgotten, spent: spentLine(outlook, trials, looks), lines };
        },
      ),
    close: async () => opened?.ledger.close(),
  };
}

/** Throws RalphError (exit 2) when a search on these data has chosen on days that are held back now. */
function refuseSeen(book: Book, setting: EntryOf<'setting'>): void {
  const seen = book.chosenOn(setting);
  if (seen.length === 0) return;
  throw new RalphError(`windows.yaml holds back days that a search has seen: ${seen.join('; ')}`, {
    remedy:
      'Put selection and holdout behind every train window that was used on these data, and the holdout behind every selection fold that was looked ' +
      'at; or bring newer bars.',
    exitCode: EXIT.usage,
  });
}

type Answer<T> = (book: Book, setting: EntryOf<'setting'>) => T;

/** The ledger with what it must know of a run's data before anything is charged. */
export interface MarketLedger {
  readonly ledger: Ledger;
  readonly setting: EntryOf<'setting'>;
  readonly known: readonly Entry[];
}

/** The ledger of a market, with the series of its data and the windows on which they are searched. */
export function marketLedger(
  database: DatabaseOptions,
  series: readonly EntryOf<'series'>[],
  windows: WindowRanges,
): MarketLedger {
  const names = series.map((each) => each.series);
  const setting = settingOf(names, windows);
  return { ledger: openLedger(database), setting, known: [...series, setting] };
}

/** A kept candidate of another run, its daily returns laid on the days of this train window: NaN where it has none. */
function rivalOf(keep: EntryOf<'keep'>, its: Range, own: Range): EarlierTrial {
  const known = new Float64Array(Uint8Array.fromBase64(keep.returns).buffer);
  // The returns of a tuned candidate end with train and begin later.
  const first = its.to - known.length * DAY;
  const shift = (own.from - first) / DAY;
  const returns = Float64Array.from(
    { length: (own.to - own.from) / DAY },
    (_, day) => known[day + shift] ?? Number.NaN,
  );
  const { tag, trial, family, equity, score, sharpe } = keep;
  return {
    trial: `${tag}/${trial}`,
    family,
    // The same equity curve can only be seen over the same days.
    fingerprint: its.from === own.from && its.to === own.to ? equity : null,
    returns: shift === 0 && its.to === own.to ? known : returns,
    score,
    outcome: 'keep',
    selectionSharpe: sharpe,
  };
}

function textOf(returns: Float64Array): string {
  return Buffer.from(returns.buffer, returns.byteOffset, returns.byteLength).toString('base64');
}

function spentLine({ spent }: Outlook, trials: number, looks: number): string | null {
  return spent && `nothing can be kept on these data any more after ${trials} trials and ${looks} looks: ${spent}`;
}

function nightsText(nights: number): string {
  if (nights === 0) return 'less than one such night is left until nothing can be kept';
  return `something can be kept for ${nights < 1000 ? `about ${counted(nights, 'such night')}` : 'more than 1,000 such nights'}`;
}

function outlookLines({ now, tonight, nights }: Outlook, spent: Spent, night: number): string[] {
  const { trials, looks, tags, forgotten } = spent;
  const by = tags.length > 0 ? ` (${tags.join(', ')})` : '';
  return [
    `ledger: ${trials} trials and ${looks} looks were spent on these data${by}; the next look at selection asks a Sharpe of ${now.nextLook.toFixed(2)}`,
    `required Sharpe on train: ${now.required.toFixed(2)} now, ${tonight.required.toFixed(2)} after ${night} more trials; ` +
      nightsText(nights),
    ...forgotten.map((why) => `ledger: earlier spending on these data was forgotten: ${why}`),
  ];
}

/**
 * What the holdout was opened for: by the ledger's count, and by this run's journal what the ledger lacks. An opening without an answer counts:
 * the look was taken.
 */
export async function openingsOf({ ledger, setting, known }: MarketLedger, events: readonly RunEvent[]) {
  const counted: readonly Opening[] = await ledger.add(known, (book) => book.spentOn(setting).holdouts);
  const { byTrial } = stateOf(events);
  const own = events
    .filter((event) => event.type === 'holdout.opened')
    .map(({ candidate, trial }): Opening => ({ candidate, fingerprint: byTrial.get(trial)?.fingerprint ?? trial }))
    .filter(({ fingerprint }) => !counted.some((one) => one.fingerprint === fingerprint));
  return { counted, own };
}

/**
 * Enters an opening of the holdout before anything is opened. Throws RalphError when the data do not allow it or another process was there
 * meanwhile; what throws here is not written. `own`: openings that the ledger lacks. Answers which opening it is, from 1.
 */
export function enterOpening(
  { ledger, setting }: MarketLedger,
  events: readonly RunEvent[],
  { trial, candidate, fingerprint }: Pick<Trial, 'trial' | 'candidate' | 'fingerprint'>,
  own: readonly Opening[],
  openings: number,
): Promise<number> {
  const doer = doerOf(events, trial);
  return ledger.add([{ type: 'holdout', ...doer, setting: setting.setting, candidate, fingerprint }], (book) => {
    refuseSeen(book, setting);
    const others = book.spentOn(setting).holdouts.filter(({ run, trial }) => run !== doer.run || trial !== doer.trial);
    refuseOpening({ candidate, fingerprint }, [...others, ...own], openings);
    return others.length + own.length + 1;
  });
}

/**
 * Notes the answer with which the journal ends: one that later says another, or does not hold it any more, is found by that. Where the ledger
 * cannot be reached, the next start of the run enters it.
 */
export async function noteAnswer(
  { ledger, setting }: MarketLedger,
  { events, head }: Pick<Journal, 'events' | 'head'>,
  trial: string,
  answer: string,
): Promise<void> {
  const entry = { ...doerOf(events, trial), setting: setting.setting, answer, journal: { ...head } };
  try {
    await ledger.add([{ type: 'answered', ...entry }], () => undefined);
  } catch (thrown) {
    say(`the ledger did not note the answer (${messageOf(thrown)}): the next start of the run enters it`);
  }
}
