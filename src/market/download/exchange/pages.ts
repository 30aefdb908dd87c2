import type { Range } from '../../bars.ts';
import { OddAnswer, type Page, RefusedQuestion, type Row } from './venues.ts';

/** `count` bars from `since` (epoch ms) on, as the exchange gives them. */
export type AskBars = (since: number, count: number) => Promise<readonly Row[]>;

export interface PagesOptions {
  /** Length of a bar in ms. */
  readonly step: number;
  /** Bars to ask for at once; fewer after the exchange has refused so many. */
  readonly page: number;
  /** Start of the first day that ends after a time and has a trade; null when there is none. */
  readonly nextDay: (time: number) => Promise<number | null>;
}

/**
 * All bars of a range, page by page, whatever the exchange's pages look like: newest first, cut at a smaller limit than asked for at either
 * end, or empty. Every minute of the range lies in a page or was asked for once more.
 */
export async function* pagesOf(ask: AskBars, { from, to }: Range, options: PagesOptions): AsyncGenerator<Page> {
  const { step, nextDay } = options;
  const answered = patient(ask, options.page);
  const asked = async (from: number, to: number) =>
    inOrder(await answered.ask(from, Math.ceil((to - from) / step)), { from, to }, step);
  for (let at = from; at < to; ) {
    const page = answered.page();
    const end = Math.min(to, at + page * step);
    const rows = await wholePage(asked, at, end);
    // The answer was to a shorter question.
    if (answered.page() < page) continue;
    let until = end;
    if (rows.length > 0) until = rows[rows.length - 1][0] + step;
    else if ((await wholePage(asked, at, end)).length > 0) continue;
    else {
      const day = await nextDay(end);
      until = day === null ? to : Math.min(to, Math.max(end, day));
    }
    yield { rows, until };
    at = until;
  }
}

/** Halves the page for good when the exchange refuses its size: limits move. */
export function patient(ask: AskBars, first: number): { ask: AskBars; page: () => number } {
  let page = first;
  const again: AskBars = async (since, count) => {
    try {
      return await ask(since, Math.min(count, page));
    } catch (error) {
      if (!(error instanceof RefusedQuestion) || page <= SMALLEST || count <= SMALLEST) throw error;
      page = Math.floor(Math.min(count, page) / 2);
      return again(since, count);
    }
  };
  return { ask: again, page: () => page };
}

const SMALLEST = 20;

/** The rows of a range that fits a page. One that begins late may have lost its beginning to a smaller limit: that part is asked for again. */
export async function wholePage<T extends readonly [time: number, ...unknown[]]>(
  ask: (from: number, to: number) => Promise<T[]>,
  from: number,
  to: number,
): Promise<T[]> {
  const rows = await ask(from, to);
  if (rows.length === 0 || rows[0][0] === from) return rows;
  return [...(await wholePage(ask, from, rows[0][0])), ...rows];
}

/** Rows inside a range, oldest first, each time once. Throws OddAnswer for what no market has. */
function inOrder(rows: readonly Row[], { from, to }: Range, step: number): Row[] {
  const kept: Row[] = [];
  for (const row of rows.toSorted((a, b) => a[0] - b[0])) {
    const [time] = row;
    if (!row.every(Number.isFinite)) throw new OddAnswer(`a bar without all of its numbers: ${JSON.stringify(row)}`);
    if (time % step !== 0) throw new OddAnswer(`a bar at ${new Date(time).toISOString()}, which begins no bar`);
    if (time < from || time >= to) continue;
    const before = kept.at(-1);
    if (before?.[0] !== time) kept.push(row);
    else if (row.some((value, k) => value !== before[k]))
      throw new OddAnswer(`two different bars at ${new Date(time).toISOString()}`);
  }
  return kept;
}

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
type AskTrades = (cursor: bigint) => Promise<{ readonly trades: readonly Trade[]; readonly cursor: bigint }>;

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
