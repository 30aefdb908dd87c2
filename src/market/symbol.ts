import { UsageError } from '../base/errors.ts';

/** What a symbol may look like: it is also part of file names. */
export const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

/** Throws RalphError (exit 2) for anything that is no symbol. */
export function checkSymbol(symbol: string): string {
  if (SYMBOL.test(symbol)) return symbol;
  throw new UsageError(`"${symbol}" is no symbol`, {
    remedy: 'Use up to 32 capital letters and digits, such as BTCUSD.',
  });
}

/** The capital letters and digits of a name: `btc/usd` and `BTC_USD` have the same. */
export function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** What SQL counts of a symbol's bars. */
export type Counted = Omit<SymbolSummary, 'first' | 'last' | 'coverage'> & Record<'first' | 'last', Date>;

/** What a database holds of a symbol, as SQL counted it. */
export function summaryFrom({ first, last, ...counts }: Counted): SymbolSummary {
  const coverage = counts.bars / ((last.getTime() - first.getTime()) / counts.interval + 1);
  return { ...counts, first: first.toISOString(), last: last.toISOString(), coverage };
}

/** What a database holds of a symbol. */
export interface SymbolSummary {
  readonly symbol: string;
  /** Length of a bar in ms. */
  readonly interval: number;
  readonly bars: number;
  /** ISO times of the first and the last bar. */
  readonly first: string;
  readonly last: string;
  /** Share of the bars from first to last that are there. */
  readonly coverage: number;
  readonly gaps: number;
  readonly missingMinutes: number;
  readonly longestGapMinutes: number;
  readonly files: number;
}
