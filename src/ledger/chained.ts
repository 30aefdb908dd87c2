import { hash } from 'node:crypto';
import pLimit from 'p-limit';
import { EXIT, RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import type { Store } from './store.ts';

/** Where a chain stands: the number of its last line, and the SHA-256 of its text. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** What the first line names as the hash before it. */
export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64) };

export function lineHash(text: string): string {
  return hash('sha256', text);
}

/** The head behind a line. Throws RalphError when it does not follow from the one before: that line or one before it was changed or is missing. */
export function headAfter(
  before: Head,
  line: { readonly seq: number; readonly prev: string },
  text: string,
  name: string,
  remedy: string,
): Head {
  if (line.seq === before.seq + 1 && line.prev === before.hash) return { seq: line.seq, hash: lineHash(text) };
  throw new RalphError(
    `the ${name} is not what was written: line ${before.seq + 1} does not follow from the one before`,
    { remedy, exitCode: EXIT.failed },
  );
}

/** Lines read into memory one by one, with their chain checked. */
interface Reader<E> {
  readonly head: Head;
  /** Takes the next line. Throws RalphError when the chain is broken. */
  take(text: string): unknown;
  /** The line at which an entry was first written; undefined when it is new. */
  seqOf(entry: E): number | undefined;
}

/** Entries of one kind in a store, each line with the hash of the one before. */
export interface Chained<E, B> {
  /**
   * Adds the entries that it does not hold yet and answers from what it holds then, in one step that no other process can come between.
   * What it answered is durable.
   */
  add<T>(entries: readonly E[], answer: (book: B) => T): Promise<T>;
  /** The lines as they are stored, for a backup. */
  lines(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function chainedOn<E, B extends Reader<E>>(store: Store, empty: () => B): Chained<E, B> {
  let book = empty();
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
          book = empty();
          throw thrown;
        }
      }),
    lines: () => store.transact(0, (fresh) => ({ lines: [], answer: fresh })),
    close: () => store.close(),
  };
}
