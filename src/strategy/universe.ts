import type { Timeframe } from '../market/bars.ts';
import type { ClosedBar, NowBase, Season } from './now.ts';
import type { Series } from './series.ts';

/** One symbol of a universe at the close of a bar: its last closed bar, its indicators as numbers, and its orders. NaN before its first bar. */
export type SymbolView<I extends object = Record<never, Series>> = ClosedBar & {
  /** The symbol; with `anonymous: true` a handle such as `S03`. */
  readonly name: string;
  /**
   * A bar of it closed at this moment, its warm-up is over, and it is a member of the set that the YAML names, if any. Orders for a symbol in
   * its warm-up or outside its membership are refused.
   */
  readonly live: boolean;
  /** Value of the position as a fraction of the whole equity, signed. */
  readonly weight: number;
  /** Weights of a universe are fractions of the whole equity, -1 to 1. See NowBase.target for the rest. */
  target: NowBase['target'];
  tf(timeframe: Timeframe): ClosedBar;
  /** A column or indicator (`'fast'`, `'bands.upper'`) `bars` closed bars of this symbol ago; NaN before its data. */
  ago(name: string, bars: number): number;
} & Pick<NowBase, 'position' | 'entryPrice' | 'barsHeld' | 'working' | 'order' | 'protect' | 'flat' | 'cancel'> & {
    readonly [K in keyof I]: I[K] extends Series ? number : { readonly [B in keyof I[K]]: number };
  };

/** What decide() of a strategy with `universe: true` sees, once at each moment at which a bar of any symbol closes. */
export interface UniverseNow<I extends object = Record<never, Series>> {
  /** Every symbol, always all of them and always in this order; `live` says which trade now. */
  readonly symbols: readonly SymbolView<I>[];
  /** Quote money that is not in a position; what shorts brought in counts. */
  readonly cash: number;
  /** Cash and all positions at their last closes, quote money. */
  readonly equity: number;
  /** Sum of the positions' values over the equity: absolute ones, and signed ones. */
  readonly gross: number;
  readonly net: number;
  /** The symbol of that name, as a reference or to trade it. Throws TypeError for a name that the universe does not have. */
  of(name: string): SymbolView<I>;
}

export type SeasonalUniverseNow<I extends object> = UniverseNow<I> & Season;
