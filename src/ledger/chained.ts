import pLimit from 'p-limit';
import { z } from 'zod';
import { failpoint } from '../base/failpoint.ts';
import { GENESIS, sha256 } from '../base/hash.ts';
import { jsonIn } from '../base/json.ts';
import { type Store, StoreDamaged } from './store.ts';

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

  /** Takes the next line. Throws StoreDamaged when it does not follow from the one before: that line or one before it was changed or is missing. */
  take(text: string): E {
    const { name, remedy, line, keyOf } = this.#kind;
    const next = this.head.seq + 1;
    const stored = jsonIn(text) as { seq?: unknown; prev?: unknown } | null | undefined;
    if (stored?.seq !== next || stored.prev !== this.head.hash)
      throw new StoreDamaged(`the ${name} is not what was written: line ${next} does not follow from the one before`, {
        remedy,
      });
    const read = line.safeParse(stored);
    if (!read.success)
      throw new StoreDamaged(`line ${next} of the ${name} says something that this version of Ralph does not know`, {
        remedy: `Use the version that wrote it, or a later one. Where none knows it, it was changed: ${remedy}`,
      });
    const { seq, entry } = read.data;
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
  /** The lines as they are stored, for a backup, their chain checked. */
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
    lines: () =>
      store.transact(0, (fresh) => {
        const all = empty();
        for (const text of fresh) all.take(text);
        return { lines: [], answer: fresh };
      }),
    close: () => store.close(),
  };
}
