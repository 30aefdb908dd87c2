import { EXIT, RalphError } from '../base/errors.ts';

/** What a symbol may look like: it is also part of file names. */
export const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

/** Throws RalphError (exit 2) for anything that is no symbol. */
export function checkSymbol(symbol: string): string {
  if (SYMBOL.test(symbol)) return symbol;
  throw new RalphError(`"${symbol}" is no symbol`, {
    remedy: 'Use up to 32 capital letters and digits, such as BTCUSD.',
    exitCode: EXIT.usage,
  });
}
