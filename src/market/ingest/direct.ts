import type pg from 'pg';
import { failpoint } from '../../base/failpoint.ts';
import type { Bars } from '../bars.ts';
import { inTransaction } from '../server/pool.ts';
import { streamBarsIn } from '../store/copy.ts';
import { refreshGaps, storeGaps } from '../store/gaps.ts';
import { finish, type Publication, type Published, refuseLoss } from './publish.ts';

/** The file has bars where the symbol has some already: they must be compared. */
class Overlap extends Error {}

/**
 * Copies a file straight into the bars, in one transaction, as long as it lies wholly before or behind the bars of its symbol. Null, with
 * nothing changed, when it does not. A kill undoes it; the next ingest begins the file again.
 */
export async function copyDirectly<T extends Publication>(
  client: pg.ClientBase,
  { id: source, symbol, interval }: { readonly id: number; readonly symbol: string; readonly interval: number },
  read: (send: (batch: Bars) => Promise<void>) => Promise<T>,
): Promise<(T & Published) | null> {
  const take = async () => {
    const spanned = 'select min(time) as first, max(time) as last from ralph.bars where symbol = $1';
    const { rows } = await client.query<{ first: Date | null; last: Date | null }>(spanned, [symbol]);
    const span = new Span(rows[0].first?.getTime() ?? Infinity, rows[0].last?.getTime() ?? -Infinity, interval);
    const copy = streamBarsIn(client, source, symbol);
    let file: T;
    try {
      file = await read(async (batch) => {
        span.see(batch.time);
        await copy.write(batch);
      });
      await copy.end();
    } catch (error) {
      await copy.abort();
      throw error;
    }
    const inserted = file.rows - file.rejected;
    const [first, last] = [span.first, span.last].map((time) => new Date(time));
    const inSpan = `time between '${first.toISOString()}' and '${last.toISOString()}'`;
    await refuseLoss(client, file, inserted, `source = $2 and symbol = $1 and ${inSpan}`);
    const gaps = await span.storeGaps(client, symbol);
    const outcome = { first, last, inserted, replaced: 0, conflicts: 0, conflictSamples: [], gaps };
    return { ...file, ...(await finish(client, file, outcome)) };
  };
  try {
    const taken = await inTransaction(client, take);
    failpoint('market.publish.after');
    return taken;
  } catch (error) {
    if (error instanceof Overlap || (error as { code?: string }).code === UNIQUE_VIOLATION) return null;
    throw error;
  }
}

const UNIQUE_VIOLATION = '23505';

/** What a file covers, and its gaps, found on the way. */
class Span {
  first = Infinity;
  last = -Infinity;
  readonly #low: number;
  readonly #high: number;
  readonly #interval: number;
  readonly #before: number[] = [];
  readonly #next: number[] = [];
  #at = Number.NaN;
  #rising = true;

  /** `low` and `high` are the first and last bar that are there already; Infinity and -Infinity for none; `interval` is the length of a bar in ms. */
  constructor(low: number, high: number, interval: number) {
    [this.#low, this.#high, this.#interval] = [low, high, interval];
  }

  see(times: Float64Array): void {
    for (const time of times) {
      if (time < this.first) this.first = time;
      if (time > this.last) this.last = time;
      this.#lookBetween(this.#at, time);
      if (time <= this.#at) this.#rising = false;
      this.#at = time;
    }
    if (this.first <= this.#high && this.last >= this.#low) throw new Overlap();
  }

  async storeGaps(client: pg.ClientBase, symbol: string): Promise<number> {
    if (!this.#rising) {
      const { first, last } = this;
      return refreshGaps(client, symbol, { first, last, interval: this.#interval });
    }
    this.#lookBetween(this.#high, this.first);
    this.#lookBetween(this.last, this.#low);
    const [before, next] = [this.#before, this.#next];
    if (before.length > 0) await storeGaps(client, symbol, { before, next, interval: this.#interval });
    return before.length;
  }

  /** Notes a gap between two bars; there is none where one of them is not. */
  #lookBetween(before: number, next: number): void {
    if (!(next - before > this.#interval && next - before < Infinity)) return;
    this.#before.push(before);
    this.#next.push(next);
  }
}
