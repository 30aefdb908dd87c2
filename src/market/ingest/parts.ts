import { RalphError, UsageError } from '../../base/errors.ts';
import { checkSymbol } from '../symbol.ts';
import type { Wish } from './detect.ts';
import { symbolOfName } from './paths.ts';
import { symbolsOfFile } from './read-bars.ts';

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
  const parts = named.map((only) => ({ symbol: only.toUpperCase().replaceAll(/[^A-Z0-9._-]/g, ''), only }));
  if (parts.length > MOST_SYMBOLS) {
    throw new UsageError(`${path} names ${parts.length} symbols, at most ${MOST_SYMBOLS} are taken from one file`, {
      remedy: 'Split it, or name one of them with --symbol.',
    });
  }
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
