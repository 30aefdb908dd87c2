import { join } from 'node:path';
import { type Archive, type ArchiveMarket, archive, dayArchives, fundingArchive, monthsBetween } from './archives.ts';
import { type Fetched, fetchFile, PATIENCE, type Patience } from './fetch-file.ts';

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

/**
 * Brings the monthly archives of a symbol into the cache, one at a time, those of a perpetual's funding rates too; a month that the site has not packed (or never
 * had) is asked for by days. Safe to repeat and to interrupt.
 */
export async function download(options: DownloadOptions) {
  const { symbol, market, baseUrl } = options;
  /** Where the files are: what to hand to ingest. */
  const dir = join(options.dir, market, symbol);
  /** Archives that the site does not have. */
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
    if (market !== 'spot') {
      const rates = fundingArchive(market, symbol, month);
      if ((await bring(rates)) === 'missing') missing.push(rates.name);
    }
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
