import { UsageError } from '../base/errors.ts';
import type { DatabaseOptions } from '../market/database.ts';
import { Book } from './book.ts';
import { type Chained, chainedOn } from './chained.ts';
import type { Entry } from './entries.ts';
import { openStore } from './store.ts';

/** What was spent on market data, in one place that every run on these data shares and that outlives the run folders. */
export type Ledger = Chained<Entry, Book>;

/** Opens the ledger of the user's database, or of the data folder when there is no url, or when the database may only be read. */
export function openLedger(database: DatabaseOptions): Ledger {
  return chainedOn(openStore(database, 'ledger'), () => new Book());
}

/**
 * Takes over the entries of another ledger's backup (one line each) that this one does not hold. A run that was copied and went on on two machines
 * has other trials under the same numbers: those count beside its own. Throws RalphError (exit 2) when
 * the backup's own chain is broken. Answers how many were new.
 */
export async function mergeLedger(ledger: Ledger, backup: string): Promise<number> {
  const [before, taken] = await ledger.add([], (book) => [book.head.seq, namedHere(book, backup)]);
  return ledger.add(taken, ({ head }) => head.seq - before);
}

/** How many entries of a backup this ledger does not hold: what overwriting it would lose. Throws RalphError as `mergeLedger` does. */
export function onlyInBackup(ledger: Ledger, backup: string): Promise<number> {
  return ledger.add([], (book) => namedHere(book, backup).filter((entry) => book.seqOf(entry) === undefined).length);
}

/** The entries of a backup, under the names that their trials have here. */
function namedHere(book: Book, backup: string): Entry[] {
  const texts = backup.split('\n').filter((text) => text !== '');
  const other = new Book();
  const entries = texts.map((text, i) => {
    try {
      return other.take(text);
    } catch (cause) {
      throw new UsageError(`line ${i + 1} of the backup is not what was written`, {
        remedy: 'Write it again on the other machine: npm run ralph -- ledger --backup FILE',
        cause,
      });
    }
  });
  return entries.map((entry) => ('trial' in entry ? { ...entry, trial: nameIn(book, other, entry) } : entry));
}

/** What a trial of another ledger is called here: its own name, or that with its code where the name stands for other code. */
function nameIn(here: Book, there: Book, { run, trial }: Extract<Entry, { trial: string }>): string {
  const code = there.codeOf(run, trial);
  const [own] = trial.split('~');
  const known = here.codeOf(run, own);
  if (code === undefined || known === undefined) return trial;
  return known === code ? own : `${own}~${code.slice(0, 12)}`;
}
