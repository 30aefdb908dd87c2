import pLimit from 'p-limit';
import { EXIT, RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import type { DatabaseOptions } from '../market/database.ts';
import { Book } from './book.ts';
import { type Entry, readLine } from './entries.ts';
import { openFileStore, openServerStore, type Store } from './store.ts';

/** What was spent on market data, in one place that every run on these data shares and that outlives the run folders. */
export interface Ledger {
  /**
   * Adds the entries that it does not hold yet (see keyOf) and answers from the book as it is then, in one step that no other process
   * can come between. What it answered is durable.
   */
  add<T>(entries: readonly Entry[], answer: (book: Book) => T): Promise<T>;
  /** The lines as they are stored, for a backup. */
  lines(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens the ledger of the user's database, or of the data folder when there is no url, or when the database may only be read. */
export function openLedger({ dataDir, url, schema, source }: DatabaseOptions): Ledger {
  return ledgerOn(url && !source ? openServerStore(url, schema, () => openFileStore(dataDir)) : openFileStore(dataDir));
}

function ledgerOn(store: Store): Ledger {
  let book = new Book();
  // A book takes each line once: two steps of this process may not read the same lines side by side.
  const oneAtATime = pLimit(1);
  return {
    add: (entries, answer) =>
      oneAtATime(async () => {
        try {
          return await store.transact(book.head.seq, (fresh) => {
            for (const text of fresh) book.take(text);
            const lines: { seq: number; text: string }[] = [];
            for (const entry of entries) {
              if (book.seqOf(entry) !== undefined) continue;
              const line = { seq: book.head.seq + 1, prev: book.head.hash, at: Date.now(), entry };
              const text = JSON.stringify(line);
              book.take(text);
              lines.push({ seq: line.seq, text });
            }
            failpoint('ledger.add.before');
            return { lines, answer: answer(book) };
          });
        } catch (thrown) {
          // The book may hold lines that were not written: read it again next time.
          book = new Book();
          throw thrown;
        }
      }),
    lines: () => store.transact(0, (fresh) => ({ lines: [], answer: fresh })),
    close: () => store.close(),
  };
}

/**
 * Takes over the entries of another ledger's backup (one line each) that this one does not hold. Throws RalphError (exit 2) when
 * the backup's own chain is broken. Answers how many were new.
 */
export async function mergeLedger(ledger: Ledger, backup: string): Promise<number> {
  const texts = backup.split('\n').filter((text) => text !== '');
  const other = new Book();
  const entries = texts.map((text, i) => {
    try {
      other.take(text);
      return readLine(text).entry;
    } catch (cause) {
      throw new RalphError(`line ${i + 1} of the backup is not what was written`, {
        remedy: 'Write it again on the other machine: npm run ralph -- ledger --backup FILE',
        exitCode: EXIT.usage,
        cause,
      });
    }
  });
  const before = await ledger.add([], ({ head }) => head.seq);
  return ledger.add(entries, ({ head }) => head.seq - before);
}
