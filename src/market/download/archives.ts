import { isoDay } from '../../base/numbers.ts';
import { DAY } from '../bars.ts';

export const MARKETS = { spot: 'spot', um: 'futures/um', cm: 'futures/cm' } as const;
export type ArchiveMarket = keyof typeof MARKETS;

/** One archive of the exchange's public data site: 1-minute bars of a month or of a day. */
export interface Archive {
  /** File name, such as BTCUSDT-1m-2021-01.zip. */
  readonly name: string;
  /** Path below the site's root, such as data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2021-01.zip. */
  readonly path: string;
}

/** The archives of a month's days, up to but not including `today` (epoch ms): for a month that is not yet packed. */
export function dayArchives(market: ArchiveMarket, symbol: string, month: string, today: number): Archive[] {
  const archives: Archive[] = [];
  for (let day = Date.parse(`${month}-01T00:00:00Z`); day + DAY <= today; day += DAY) {
    const text = isoDay(day);
    if (!text.startsWith(month)) break;
    archives.push(archive(market, 'daily', symbol, text));
  }
  return archives;
}

/** Every month from 2021-01 to 2024-12, both included; empty when they are in the wrong order. */
export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  const [year, month] = from.split('-').map(Number);
  for (let k = 0; ; k++) {
    const text = new Date(Date.UTC(year, month - 1 + k, 1)).toISOString().slice(0, 7);
    if (text > to) return months;
    months.push(text);
  }
}

/** The archive of one month (`2021-01`) or day (`2021-01-05`). */
export function archive(market: ArchiveMarket, period: 'monthly' | 'daily', symbol: string, stamp: string): Archive {
  const name = `${symbol}-1m-${stamp}.zip`;
  return { name, path: `data/${MARKETS[market]}/${period}/klines/${symbol}/1m/${name}` };
}

/** The funding rates of a perpetual in one month; the site has no days of them. */
export function fundingArchive(market: Exclude<ArchiveMarket, 'spot'>, symbol: string, month: string): Archive {
  const name = `${symbol}-fundingRate-${month}.zip`;
  return { name, path: `data/${MARKETS[market]}/monthly/fundingRate/${symbol}/${name}` };
}
