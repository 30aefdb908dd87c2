import type { Exchange, Market } from 'ccxt';
import { UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/nearest.ts';
import { lettersOf } from '../../symbol.ts';

/** One market of an exchange. */
export interface Traded {
  /** As ccxt writes it: BTC/USD, BTC/USDT:USDT. */
  readonly symbol: string;
  /** As Ralph writes it: BTCUSD, BTCUSDT-PERP. */
  readonly name: string;
  readonly perpetual: boolean;
}

/**
 * The market that a user means by BTC/USD, BTCUSD, BTC-USD or the exchange's own name. Letters alone mean the spot market; a perpetual is
 * BTC/USDT:USDT or BTCUSDT-PERP. Throws RalphError (exit 2) with the nearest, and for futures that end and options.
 */
export function marketOf({ id, markets }: Pick<Exchange, 'id' | 'markets'>, wanted: string): Traded {
  const all = Object.values(markets ?? {}).filter((market): market is NonNullable<Market> => Boolean(market));
  const exact = all.find(({ symbol }) => symbol === wanted.toUpperCase());
  const alike = exact
    ? [exact]
    : all.filter((market) => isTraded(market) && lettersOf(nameOf(market)) === lettersOf(wanted));
  const [market] = alike.length > 0 ? alike : all.filter((each) => each.id?.toLowerCase() === wanted.toLowerCase());
  if (!market) {
    const names = all.filter(isTraded).flatMap((each) => [each.symbol, nameOf(each)]);
    const close = nearest(wanted, names);
    const remedy = close ? `Did you mean ${close}?` : 'Write it as BTC/USD, or BTC/USDT:USDT for a perpetual.';
    throw new UsageError(`${id} has no market ${wanted}`, { remedy });
  }
  if (!isTraded(market))
    throw new UsageError(`${market.symbol} of ${id} is neither a spot market nor a perpetual (${market.type})`, {
      remedy: 'Take one that does not end.',
    });
  return { symbol: market.symbol, name: nameOf(market), perpetual: Boolean(market.swap) };
}

function isTraded(market: NonNullable<Market>): boolean {
  return Boolean(market.spot || market.swap);
}

function nameOf({ base, quote, settle, swap }: NonNullable<Market>): string {
  const pair = lettersOf(`${base}${quote}`);
  if (!swap) return pair;
  return settle === quote || settle === base ? `${pair}-PERP` : `${pair}-${settle}-PERP`;
}
