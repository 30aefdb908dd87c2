import { join } from 'node:path';
import { DAY } from '../bars.ts';
import { type Fetched, fetchFile, PATIENCE, type Patience } from './fetch-file.ts';

export const MARKETS = { spot: 'spot', um: 'futures/um', cm: 'futures/cm' } as const;
export type ArchiveMarket = keyof typeof MARKETS;

/** One archive of the exchange's public data site: 1-minute bars of a month or of a day. */
interface Archive {
  /** File name, such as BTCUSDT-1m-2021-01.zip. */
  readonly name: string;
  /** Path below the site's root, such as data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2021-01.zip. */
  readonly path: string;
}

export interface DownloadOptions {
  readonly symbol: string;
  /** First and last month, 2021-01. */
  readonly from: string;
  readonly to: string;
  readonly market: ArchiveMarket;
  /** Root of the site. */
  readonly baseUrl: string;
  /** The local cache; files lie under <dir>/<market>/<symbol>/. */
  readonly dir: string;
  /** Epoch ms; days from this one on are not asked for. */
  readonly today: number;
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  readonly onFile?: (name: string, fetched: Fetched) => void;
}

export interface DownloadReport {
  readonly downloaded: number;
  readonly cached: number;
  readonly bytes: number;
  /** Archives that the site does not have. */
  readonly missing: string[];
  readonly failed: { readonly name: string; readonly why: string }[];
  /** Where the files are: what to hand to ingest. */
  readonly dir: string;
}

/**
 * Brings the monthly archives of a symbol into the cache, one at a time; a month that the site has not packed (or never
 * had) is asked for by days. Safe to repeat and to interrupt.
 */
export async function download(options: DownloadOptions): Promise<DownloadReport> {
  const { symbol, market, baseUrl } = options;
  const dir = join(options.dir, market, symbol);
  const missing: string[] = [];
  const failed: { name: string; why: string }[] = [];
  let [downloaded, cached, bytes] = [0, 0, 0];
  const bring = async (archive: Archive): Promise<Fetched['outcome']> => {
    const url = `${baseUrl.replace(/\/$/, '')}/${archive.path}`;
    const fetched = await fetchFile(url, join(dir, archive.name), options.patience ?? PATIENCE, options.signal);
    if (fetched.outcome === 'downloaded') downloaded += 1;
    if (fetched.outcome === 'cached') cached += 1;
    if ('bytes' in fetched) bytes += fetched.bytes;
    if (fetched.outcome === 'failed') failed.push({ name: archive.name, why: fetched.why });
    options.onFile?.(archive.name, fetched);
    return fetched.outcome;
  };
  for (const month of monthsBetween(options.from, options.to)) {
    const packed = archive(market, 'monthly', symbol, month);
    if ((await bring(packed)) !== 'missing') continue;
    const days = dayArchives(market, symbol, month, options.today);
    const absent: string[] = [];
    // newest first: after three misses in a row the month counts as missing
    for (const [k, day] of days.toReversed().entries()) {
      if ((await bring(day)) === 'missing') absent.push(day.name);
      if (k === 2 && absent.length === 3) break;
    }
    if (absent.length === Math.min(3, days.length)) missing.push(packed.name);
    else missing.push(...absent);
  }
  return { downloaded, cached, bytes, missing, failed, dir };
}

/** The archives of a month's days, up to but not including `today` (epoch ms): for a month that is not yet packed. */
function dayArchives(market: ArchiveMarket, symbol: string, month: string, today: number): Archive[] {
  const archives: Archive[] = [];
  for (let day = Date.parse(`${month}-01T00:00:00Z`); day + DAY <= today; day += DAY) {
    const text = new Date(day).toISOString().slice(0, 10);
    if (!text.startsWith(month)) break;
    archives.push(archive(market, 'daily', symbol, text));
  }
  return archives;
}

/** Every month from 2021-01 to 2024-12, both included; empty when they are in the wrong order. */
function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  const [year, month] = from.split('-').map(Number);
  for (let k = 0; ; k++) {
    const text = new Date(Date.UTC(year, month - 1 + k, 1)).toISOString().slice(0, 7);
    if (text > to) return months;
    months.push(text);
  }
}

function archive(market: ArchiveMarket, period: 'monthly' | 'daily', symbol: string, stamp: string): Archive {
  const name = `${symbol}-1m-${stamp}.zip`;
  return { name, path: `data/${MARKETS[market]}/${period}/klines/${symbol}/1m/${name}` };
}
