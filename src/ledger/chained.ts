import pLimit from 'p-limit';
import { z } from 'zod';
import { RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { GENESIS, sha256 } from '../base/hash.ts';
import type { Store } from './store.ts';

/** One line of a chain: its number from 1, the hash of the line before, when it was written, and what it says. */
export const lineOf = <E>(entry: z.ZodType<E>) =>
  z.object({ seq: z.number(), prev: z.string(), at: z.number(), entry });

/** What tells the lines of one chain from those of another. */
interface Kind<E> {
  readonly name: string;
  readonly remedy: string;
  readonly line: ReturnType<typeof lineOf<E>>;
  /** Two entries with one key are one. */
  keyOf(entry: E): string;
}

/** Lines read into memory one by one, with their chain checked. */
export abstract class Lines<E> {
  head = GENESIS;
  readonly #kind: Kind<E>;
  readonly #at = new Map<string, number>();

  constructor(kind: Kind<E>) {
    this.#kind = kind;
  }

  /** Takes the next line. Throws RalphError when it does not follow from the one before: that line or one before it was changed or is missing. */
  take(text: string): E {
    const { name, remedy, line, keyOf } = this.#kind;
    const { seq, prev, entry } = line.parse(JSON.parse(text));
    const next = this.head.seq + 1;
    if (seq !== next || prev !== this.head.hash) {
      const what = `the ${name} is not what was written: line ${next} does not follow from the one before`;
      throw new RalphError(what, { remedy });
    }
    this.head = { seq, hash: sha256(text) };
    const key = keyOf(entry);
    if (!this.#at.has(key)) {
      this.#at.set(key, seq);
      this.fold(entry, seq);
    }
    return entry;
  }

  /** The line at which an entry was first written; undefined when it is new. */
  seqOf(entry: E): number | undefined {
    return this.#at.get(this.#kind.keyOf(entry));
  }

  /** Adds what an entry says that was not there before. */
  protected abstract fold(entry: E, seq: number): void;
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

export function chainedOn<E, B extends Lines<E>>(store: Store, empty: () => B): Chained<E, B> {
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
