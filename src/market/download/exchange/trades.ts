import type { Range } from '../../bars.ts';
import { OddAnswer, type Page, type Row } from './venues.ts';

/** One trade, as far as bars need it. */
export interface Trade {
  /** Tells it from every other one. */
  readonly key: string;
  /** Epoch ms. */
  readonly time: number;
  readonly price: number;
  /** Base units. */
  readonly amount: number;
}

/** Trades behind a cursor, which the exchange counts in ns, and the cursor of the next ones. */
export type AskTrades = (cursor: bigint) => Promise<{ readonly trades: readonly Trade[]; readonly cursor: bigint }>;

/**
 * Bars made of trades: open, high, low, close and volume of each minute that has one. The last minute of a page is held back until the next
 * page is there. Throws OddAnswer when the cursor stands still or the trades go back behind a bar that was handed out.
 */
export async function* pagesOfTrades(
  ask: AskTrades,
  { from, to }: Range,
  step: number,
  isEnd: (time: number) => Promise<boolean>,
): AsyncGenerator<Page> {
  const bars = new Map<number, Row>();
  let cursor = BigInt(from) * NANOS - 1n;
  let seen = new Set<string>();
  for (let done = from; done < to; ) {
    const page = await ask(cursor);
    const fresh = page.trades.filter(({ key }) => !seen.has(key)).toSorted((a, b) => a.time - b.time);
    if (page.trades.length > 0) seen = new Set(page.trades.map(({ key }) => key));
    const newest = fresh.at(-1)?.time;
    if (newest === undefined && !(await isEnd(done))) throw new OddAnswer('a page without trades before the last one');
    for (const trade of fresh) {
      if (trade.time < from) continue;
      const start = Math.floor(trade.time / step) * step;
      if (start < done) throw new OddAnswer(`a trade of ${new Date(trade.time).toISOString()} after later ones`);
      if (start < to) bars.set(start, joined(bars.get(start) ?? null, start, trade));
    }
    if (newest !== undefined && newest < to && page.cursor <= cursor)
      throw new OddAnswer('the same page of trades again');
    cursor = page.cursor > cursor ? page.cursor : cursor;
    const until = newest === undefined ? to : Math.min(to, Math.max(done, Math.floor(newest / step) * step));
    const rows = [...bars.values()].filter(([time]) => time < until);
    for (const [time] of rows) bars.delete(time);
    done = until;
    yield { rows, until };
  }
}

const NANOS = 1_000_000n;

function joined(bar: Row | null, start: number, { price, amount }: Trade): Row {
  if (!(price > 0 && amount >= 0)) throw new OddAnswer(`a trade of ${amount} at ${price}`);
  if (bar === null) return [start, price, price, price, price, amount];
  const [, open, high, low, , volume] = bar;
  return [start, open, Math.max(high, price), Math.min(low, price), price, volume + amount];
}
