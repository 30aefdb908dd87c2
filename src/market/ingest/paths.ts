import { globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RalphError, UsageError } from '../../base/errors.ts';
import type { Timeframe } from '../bars.ts';
import { checkSymbol } from '../symbol.ts';
import type { Wish } from './format/detect.ts';
import { symbolsOfFile } from './read-bars.ts';

const BAR_FILE = /\.(csv|txt|tsv|json|ndjson|jsonl)(\.(gz|xz|zst|bz2))?$|\.(zip|parquet|feather|arrow)$/i;
/** BTCUSD_PERP and BTCUSD_240628 are contracts of Binance's COIN-M market. */
const ARCHIVE = /^([A-Z0-9]{3,20}(?:_[A-Z0-9]{4,6})?)-(\d+[smhdw])-/;
/** BTCUSDT-fundingRate-2021-01.zip of Binance, BTCUSDT-PERP-funding.csv of a download. */
const FUNDING = /^([A-Z0-9][A-Z0-9._-]*?)-funding(?:Rate)?(?:-\d{4}-\d\d)?\.(?:csv|zip)/;
/** A folder of a partitioned data set, such as symbol=BTCUSDT. */
const PARTITION = /(?:^|[\\/])(?:symbol|pair|ticker|instrument|market)=([^\\/]+)[\\/]/i;

/** The files behind paths, folders (searched through) and globs, sorted by name, each once. Throws for a path without any. */
export function findBarFiles(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    const files = stat?.isFile() ? [path] : globSync(stat ? join(path, '**/*') : path).filter(isBarFile);
    if (files.length === 0)
      throw new UsageError(
        stat
          ? `no bar files (csv, json, parquet, feather; gz, zip, xz, zst, bz2) in ${path}`
          : `there is no file ${path}`,
        { remedy: 'Give files, a folder, or a quoted pattern such as "data/BTCUSD-*.csv.gz".' },
      );
    for (const file of files) found.add(file);
  }
  return [...found].sort();
}

function isBarFile(path: string): boolean {
  return BAR_FILE.test(path) && statSync(path).isFile();
}

/**
 * The symbol that a file's name or folder gives, as BTCUSDT in BTCUSDT-1m-2021-01.zip or symbol=BTCUSDT/0.parquet; null when it gives none.
 * Throws for a name of another timeframe.
 */
export function symbolOfName(path: string, interval: Timeframe = '1m'): string | null {
  // freqtrade: BTC_USDT-1m.json, BTC_USDT_USDT-1m-futures.feather
  const pair = /^([A-Z0-9]{2,12})_([A-Z0-9]{2,8})(?:_[A-Z0-9]{2,8})?-(\d+[smhdw])(?:-\w+)?\.\w+/.exec(basename(path));
  if (pair?.[3] === interval) return pair[1] + pair[2];
  const funding = FUNDING.exec(basename(path));
  if (funding) return funding[1];
  const match = ARCHIVE.exec(basename(path));
  if (match && match[2] !== interval)
    throw new UsageError(`${path} holds ${match[2]} bars by its name, and ${interval} bars are expected`, {
      remedy: `Fetch the 1m archive: coarser bars are computed from it. Or add --interval ${match[2]}: then these are what orders fill in.`,
    });
  if (match) return match[1];
  const folder = PARTITION.exec(path)?.[1];
  return folder === undefined ? null : symbolIn(decodeURIComponent(folder));
}

/** What a symbol in a file's own writing is called here. */
function symbolIn(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9._-]/g, '');
}

/** The rows of one symbol in a file. */
export interface Part {
  readonly symbol: string;
  /** How the file writes it, where it has several. */
  readonly only?: string;
}

const MOST_SYMBOLS = 200;

/** What to take of a file: all of it under one symbol, or symbol by symbol where its rows name several. Throws RalphError (exit 2) where nothing says which. */
export async function partsOf(path: string, options: Wish & { readonly symbol?: string }): Promise<Part[]> {
  const hint = options.symbol ?? symbolOfName(path, options.interval) ?? undefined;
  const named = await symbolsOfFile(path, { ...options, symbol: hint }).catch((error: unknown) => {
    // a file that cannot be read is refused where it is taken in, unless it is known already
    if (error instanceof RalphError) return [];
    throw error;
  });
  const parts = named.map((only) => ({ symbol: symbolIn(only), only }));
  if (parts.length > MOST_SYMBOLS)
    throw new UsageError(`${path} names ${parts.length} symbols, at most ${MOST_SYMBOLS} are taken from one file`, {
      remedy: 'Split it, or name one of them with --symbol.',
    });
  if (parts.length > 1) {
    const wanted = parts.filter(({ symbol }) => options.symbol === undefined || symbol === options.symbol);
    for (const { symbol } of wanted) checkSymbol(symbol);
    if (wanted.length > 0) return wanted;
    throw new UsageError(
      `${path} has no rows of ${options.symbol}; it names ${parts.map(({ symbol }) => symbol).join(', ')}`,
      { remedy: 'Name one of these with --symbol, or leave it out to take all.' },
    );
  }
  const symbol = hint ?? parts[0]?.symbol;
  if (symbol) return [{ symbol: checkSymbol(symbol) }];
  throw noSymbol(path);
}

export function noSymbol(path: string): RalphError {
  return new UsageError(`neither the name of ${path} nor a column says its symbol`, {
    remedy: 'Add --symbol, for example --symbol BTCUSD.',
  });
}
