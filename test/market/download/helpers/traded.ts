export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The market that all of the exchanges here list: BTC/USD or BTC/USDT, and a perpetual of the latter. */
export const LISTED = Date.UTC(2024, 1, 28, 6);
/** What their clocks say. The bar of 12:29 still forms. */
export const NOW = Date.UTC(2024, 2, 1, 12, 29, 30);
/** Eleven hours without a trade: more than a page of any of them but Bitstamp and Bybit. */
const OUTAGE = { from: Date.UTC(2024, 1, 29, 3), to: Date.UTC(2024, 1, 29, 14) };

export type Row = [time: number, open: number, high: number, low: number, close: number, volume: number];

/** Three trades a minute, but for the outage and every 97th minute. */
export function tradesAt(time: number): { time: number; price: number; amount: number; id: number }[] {
  const minute = time / MINUTE;
  if (time < LISTED || time > NOW || (time >= OUTAGE.from && time < OUTAGE.to) || minute % 97 === 0) return [];
  const level = 60_000 + (minute % 1000);
  return [0, 1, 2]
    .map((k) => ({
      time: time + [2_000, 31_250, 59_875][k],
      price: level + ((minute * (k + 3)) % 11),
      amount: 0.125 * (k + 1),
      id: (minute % 1_000_000) * 3 + k,
    }))
    .filter((trade) => trade.time <= NOW);
}

function barOf(trades: { price: number; amount: number }[], time: number): Row[] {
  if (trades.length === 0) return [];
  const prices = trades.map(({ price }) => price);
  const volume = trades.reduce((sum, { amount }) => sum + amount, 0);
  return [[time, prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)!, volume]];
}

/** The bars that a faithful download of from <= time < to must bring. */
export function barsOf(from: number, to: number, step = MINUTE): Row[] {
  const rows: Row[] = [];
  for (
    let at = Math.max(Math.floor(from / step) * step, LISTED - (LISTED % step));
    at < Math.min(to, NOW);
    at += step
  ) {
    const trades = [];
    for (let minute = at; minute < at + step; minute += MINUTE) trades.push(...tradesAt(minute));
    rows.push(...barOf(trades, at));
  }
  return rows;
}

/** Funding every 8 hours, a few ms late as exchanges write it. */
export function fundingOf(from: number, to: number): [number, number][] {
  const rates: [number, number][] = [];
  for (let at = Math.ceil(Math.max(from, LISTED) / (8 * HOUR)) * 8 * HOUR; at < Math.min(to, NOW); at += 8 * HOUR)
    rates.push([at, ((at / HOUR) % 7) / 10_000 - 0.0002]);
  return rates;
}
