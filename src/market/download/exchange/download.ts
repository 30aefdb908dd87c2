import { join } from 'node:path';
import type { Exchange } from 'ccxt';
import { RalphError } from '../../../base/errors.ts';
import { DAY, MINUTE, type Range } from '../../bars.ts';
import { checkSymbol } from '../../symbol.ts';
import { monthsBetween } from '../archives.ts';
import { type Connection, type ConnectOptions, connect } from './connect.ts';
import { downloadFunding } from './funding.ts';
import { marketOf, type Traded } from './markets.ts';
import { openMonths } from './months.ts';
import { pagesOf, pagesOfTrades, patient, type Trade } from './pages.ts';
import { OddAnswer, type Page, RefusedQuestion, type Row, VENUES, type Venue } from './venues.ts';

export interface ExchangeDownload extends ConnectOptions {
  /** The market: BTC/USD, BTCUSD, BTC/USDT:USDT, or the exchange's own name. */
  readonly market: string;
  /** What Ralph shall call it; made of base and quote when left out. */
  readonly symbol?: string;
  /** First and last month, 2021-01. */
  readonly from: string;
  readonly to: string;
  /** Files lie under <dir>/<exchange>/<symbol>/. */
  readonly dir: string;
  readonly onProgress?: (progress: { readonly month: string; readonly until: number; readonly bars: number }) => void;
}

/** A bar is asked for once it is so old: exchanges finish the newest one late. */
const SETTLED = MINUTE;

/**
 * Brings the 1-minute bars of a market, month by month, and the funding rates of a perpetual. Safe to repeat and to interrupt: what is
 * there is not asked for again, and the bar that is still forming is left for the next time.
 */
export async function downloadFromExchange(options: ExchangeDownload) {
  const { venue } = options;
  const connection = await connect(options);
  try {
    await connection.ask((exchange) => exchange.loadMarkets());
    const traded = marketOf(connection.exchange, options.market);
    const symbol = checkSymbol(options.symbol ?? traded.name);
    const dir = join(options.dir, venue, symbol);
    const files = openMonths(dir, symbol, MINUTE, `${venue} ${traded.symbol}`);
    const end = () => Math.floor((connection.now() - SETTLED) / MINUTE) * MINUTE;
    const months = monthsBetween(options.from, options.to);
    let [downloaded, until] = [0, 0];
    for (const month of months) {
      const range = { from: Date.parse(`${month}-01T00:00:00Z`), to: Math.min(endOf(month), end()) };
      if (range.from >= range.to) break;
      const open = files.open(month, range.from, range.to);
      until = range.to;
      if (open === null) continue;
      for await (const page of bars(connection, VENUES[venue], traded, { from: open.from, to: range.to })) {
        open.add(page.rows);
        downloaded += page.rows.length;
        options.onProgress?.({ month, until: page.until, bars: downloaded });
      }
      open.finish(range.to);
    }
    const venueOf: Venue = VENUES[venue];
    const funding =
      traded.perpetual && venueOf.fundingPage !== undefined && until > 0
        ? await downloadFunding(connection, traded, venueOf.fundingPage, {
            path: join(dir, `${symbol}-funding.csv`),
            from: Date.parse(`${months[0]}-01T00:00:00Z`),
            to: until,
          })
        : null;
    const { bars: all, fingerprint } = files.summary(months, funding?.sha256);
    return {
      exchange: venue,
      market: traded.symbol,
      symbol,
      /** Bars that came in now, and all of these months. */
      downloaded,
      bars: all,
      /** The newest bar may begin before this, epoch ms. */
      until,
      /** Of all bars and funding rates of these months: equal data give an equal one. */
      fingerprint,
      funding,
      /** What to hand to ingest. */
      dir,
    };
  } catch (error) {
    if (!(error instanceof RefusedQuestion)) throw error;
    throw new RalphError(`${venue} refused the question: ${error.message}`, {
      remedy: `Check that ${venue} lists ${options.market} and had it in these months.`,
    });
  }
}

function endOf(month: string): number {
  const [year, number] = month.split('-').map(Number);
  return Date.UTC(year, number, 1);
}

function bars(connection: Connection, venue: Venue, { symbol }: Traded, range: Range): AsyncGenerator<Page> {
  const { ask } = connection;
  const days = patient((since, count) => ask((exchange) => rowsOf(exchange, symbol, '1d', since, count)), venue.page);
  const daily = async (since: number) => (await days.ask(since, days.page())).toSorted((a, b) => a[0] - b[0]);
  if (venue.trades) {
    const isEnd = async (time: number) => !(await daily(time)).some(([day]) => day > time && day < range.to - DAY);
    return pagesOfTrades((cursor) => ask((exchange) => tradesOf(exchange, symbol, cursor)), range, MINUTE, isEnd);
  }
  const nextDay = async (time: number) => {
    const today = Math.floor(time / DAY) * DAY;
    for (let since = today; since < range.to; since += days.page() * DAY) {
      const day = (await daily(since)).find(([start]) => start >= since);
      if (day) return day[0];
    }
    return null;
  };
  const asked = (since: number, count: number) => ask((exchange) => rowsOf(exchange, symbol, '1m', since, count));
  return pagesOf(asked, range, { step: MINUTE, page: venue.page, nextDay });
}

async function rowsOf(exchange: Exchange, symbol: string, timeframe: '1m' | '1d', since: number, count: number) {
  const step = timeframe === '1m' ? MINUTE : DAY;
  // The end is said because some exchanges begin at the newest bar they have.
  const until = Math.min(since + count * step, exchange.milliseconds() + step) - 1;
  const rows = (await exchange.fetchOHLCV(symbol, timeframe, since, count, { until })) as unknown;
  if (!Array.isArray(rows)) throw new OddAnswer('an answer that is no list of bars');
  return rows as Row[];
}

/** Trades behind a cursor in ns: Kraken's own, which ccxt passes on. */
async function tradesOf(exchange: Exchange, symbol: string, cursor: bigint) {
  const found = await exchange.fetchTrades(symbol, undefined, 1000, { since: String(cursor) });
  let next = cursor;
  const trades = found.map(({ timestamp, price, amount, info }): Trade => {
    const fields = info as readonly unknown[];
    const last = String(fields.at(-1));
    if (/^\d{16,}$/.test(last)) next = BigInt(last);
    const [cost, volume, time, , , , number] = fields;
    return {
      key: `${cost} ${volume} ${time} ${number}`,
      time: timestamp ?? Number.NaN,
      price: price ?? Number.NaN,
      amount: amount ?? Number.NaN,
    };
  });
  return { trades, cursor: next };
}
