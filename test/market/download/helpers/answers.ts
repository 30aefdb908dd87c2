import type { IncomingMessage, ServerResponse } from 'node:http';
import { BITSTAMP_MARKET, BYBIT_INSTRUMENTS, COINBASE_PRODUCT, KRAKEN_PAIR, OKX_INSTRUMENTS } from './listings.ts';
import { barsOf, fundingOf, LISTED, MINUTE, NOW, type Row, tradesAt } from './traded.ts';

const DAY = 1440 * MINUTE;

/** How the servers misbehave; each may be changed in mid-test. */
export interface Mood {
  /** Bars of an answer at most, in place of the exchange's own limit. */
  limit?: number;
  /** Answers a question for more than `limit` with an error, as some do. */
  strict?: boolean;
  /** Pages in no order. */
  shuffled?: boolean;
  /** Handles a question in its own way: true when it has answered. */
  fault?: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
}

/** The rows of an answer: `side` is which end of a range too long for the limit is given. */
function page(
  rows: Row[],
  wanted: number,
  own: number,
  side: 'oldest' | 'newest',
  { limit = own, shuffled }: Mood,
): Row[] {
  const most = Math.min(wanted, limit);
  const cut = side === 'oldest' ? rows.slice(0, most) : rows.slice(-most);
  return shuffled ? cut.toSorted((a, b) => ((a[0] / MINUTE) % 7) - ((b[0] / MINUTE) % 7)) : cut;
}

const number = (query: URLSearchParams, name: string, otherwise = 0) => Number(query.get(name) ?? otherwise);
const text = ([time, ...values]: Row) => [String(time), ...values.map(String)];

/** The answers by the beginning of their path. */
export const ROUTES: Record<string, (query: URLSearchParams, mood: Mood, path: string) => unknown> = {
  '/0/public/AssetPairs': () => ({ error: [], result: { XXBTZUSD: KRAKEN_PAIR } }),
  '/0/public/OHLC': (query, mood) => {
    const step = number(query, 'interval') * MINUTE;
    // The newest 720, whatever `since` says.
    const rows = page(barsOf(number(query, 'since') * 1000, NOW, step), 720, 720, 'newest', mood);
    const list = rows.map(([time, o, h, l, c, v]) => [time / 1000, ...[o, h, l, c, (h + l) / 2, v].map(String), 3]);
    return { error: [], result: { XXBTZUSD: list, last: NOW / 1000 } };
  },
  '/0/public/Trades': (query, { limit = 1000 }) => {
    const since = Number(BigInt(query.get('since')!) / 1_000_000n);
    const trades = [];
    for (
      let at = Math.floor(Math.max(since, LISTED) / MINUTE) * MINUTE;
      at <= NOW && trades.length < limit;
      at += MINUTE
    )
      trades.push(...tradesAt(at).filter(({ time }) => time >= since));
    const list = trades.slice(0, limit);
    const rows = list.map(({ time, price, amount, id }) => [
      price.toFixed(5),
      amount.toFixed(8),
      time / 1000,
      'b',
      'l',
      '',
      id,
    ]);
    return {
      error: [],
      result: { XXBTZUSD: rows, last: list.length > 0 ? `${list.at(-1)!.time}000000` : query.get('since') },
    };
  },
  '/api/v2/markets': () => [BITSTAMP_MARKET],
  '/api/v2/ohlc/btcusd': (query, mood) => {
    const rows = barsOf(number(query, 'start') * 1000, number(query, 'end') * 1000 + 1, number(query, 'step') * 1000);
    const list = page(rows, number(query, 'limit'), 1000, 'oldest', mood);
    const ohlc = list.map(([time, open, high, low, close, volume]) => ({
      timestamp: String(time / 1000),
      open: String(open),
      high: String(high),
      low: String(low),
      close: String(close),
      volume: volume.toFixed(8),
    }));
    return { data: { pair: 'BTC/USD', ohlc } };
  },
  '/api/v3/brokerage/market/products/BTC-USD/candles': (query, mood) => {
    const step = query.get('granularity') === 'ONE_DAY' ? DAY : MINUTE;
    const [from, to] = [number(query, 'start') * 1000, number(query, 'end') * 1000 + 1];
    if (mood.strict && (to - from) / step > mood.limit!)
      return {
        refused: true,
        error: 'INVALID_ARGUMENT',
        error_description: 'number of candles requested should be less',
      };
    const rows = page(barsOf(from, to, step), 1e6, 350, 'newest', mood);
    const candles = rows.toReversed().map(([time, open, high, low, close, volume]) => ({
      start: String(time / 1000),
      low: String(low),
      high: String(high),
      open: String(open),
      close: String(close),
      volume: String(volume),
    }));
    return { candles };
  },
  '/api/v3/brokerage/market/products': (query) => ({
    products: query.has('product_type') ? [] : [COINBASE_PRODUCT],
    num_products: '1',
  }),
  '/api/v5/public/instruments': (query) => ({
    code: '0',
    msg: '',
    data: OKX_INSTRUMENTS.filter(({ instType }) => instType === query.get('instType')),
  }),
  '/api/v5/market/': (query, mood) => {
    const step = /^1D/i.test(query.get('bar')!) ? DAY : MINUTE;
    const rows = barsOf(number(query, 'before') + 1, number(query, 'after'), step).filter(
      ([time]) => time > number(query, 'before'),
    );
    const list = page(rows, number(query, 'limit', 100), 300, 'newest', mood);
    // A contract is 0.01 BTC.
    return {
      code: '0',
      msg: '',
      data: list
        .toReversed()
        .map(([time, o, h, l, c, v]) => [
          ...text([time, o, h, l, c, query.get('instId')!.endsWith('SWAP') ? v * 100 : v]),
          ...[String(v), String(v * c), '1'],
        ]),
    };
  },
  '/api/v5/public/funding-rate-history': (query, { limit = 100 }) => {
    const rates = fundingOf(number(query, 'before') + 1, number(query, 'after')).slice(
      -Math.min(limit, number(query, 'limit', 100)),
    );
    const data = rates.toReversed().map(([time, rate]) => ({
      instType: 'SWAP',
      instId: 'BTC-USDT-SWAP',
      fundingTime: String(time),
      fundingRate: String(rate + 1),
      realizedRate: String(rate),
    }));
    return { code: '0', msg: '', data };
  },
  '/v5/market/instruments-info': (query) => {
    const category = query.get('category')!;
    const list = query.has('status') ? [] : (BYBIT_INSTRUMENTS[category] ?? []);
    return { retCode: 0, retMsg: 'OK', result: { category, list, nextPageCursor: '' }, retExtInfo: {}, time: NOW };
  },
  '/v5/market/kline': (query, mood) => {
    const step = query.get('interval') === 'D' ? DAY : MINUTE;
    const rows = barsOf(number(query, 'start'), number(query, 'end') + 1, step).filter(
      ([time]) => time >= number(query, 'start'),
    );
    const list = page(rows, number(query, 'limit', 200), 1000, 'newest', mood)
      .toReversed()
      .map((row) => [...text(row), String(row[5] * row[4])]);
    const category = query.get('category');
    return { retCode: 0, retMsg: 'OK', result: { category, symbol: 'BTCUSDT', list }, retExtInfo: {}, time: NOW };
  },
  '/v5/market/funding/history': (query, { limit = 200 }) => {
    const rates = fundingOf(number(query, 'startTime'), number(query, 'endTime') + 1).slice(
      -Math.min(limit, number(query, 'limit', 200)),
    );
    const list = rates.toReversed().map(([time, rate]) => ({
      symbol: 'BTCUSDT',
      fundingRate: String(rate),
      fundingRateTimestamp: String(time),
    }));
    return { retCode: 0, retMsg: 'OK', result: { category: 'linear', list }, retExtInfo: {}, time: NOW };
  },
};
