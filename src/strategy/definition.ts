import type { Timeframe } from '../market/bars.ts';
import type { Params } from './candidate.ts';
import type { Now } from './now.ts';
import type { Series } from './series.ts';

/** The columns of one timeframe as series: what `indicators` is given. */
export interface SeriesBars {
  readonly open: Series;
  readonly high: Series;
  readonly low: Series;
  readonly close: Series;
  /** Base units. */
  readonly volume: Series;
  /** Epoch ms UTC at which each bar closed. */
  readonly time: Series;
}

export interface IndicatorBars extends SeriesBars {
  /**
   * A series of another timeframe, seen from this one: each bar shows the value of the last bar of `timeframe` that had
   * closed by then. `tf('4h', (bars) => ema(bars.close, 20))`
   */
  tf(timeframe: Timeframe, compute: (bars: SeriesBars) => Series): Series;
}

/** What `indicators` may return under a name: one series, or an object of series such as `bollinger(close, 20, 2)`. */
export type IndicatorValue = Series | Readonly<Record<string, Series>>;

/** A strategy at run time, with the types of one candidate's parameters and indicators rubbed off. */
export interface StrategyDefinition {
  readonly family: string;
  readonly hypothesis: string;
  readonly timeframe: Timeframe;
  readonly params: Params;
  /** Closed bars of `timeframe` before the first decision. */
  readonly warmup: number | ((p: Params) => number);
  readonly indicators?: (bars: IndicatorBars, p: Params) => Readonly<Record<string, IndicatorValue>>;
  readonly decide: (now: Now, p: Params) => void;
}

/** What an author writes; parameter and indicator names are inferred, so that `p.fast` and `now.fast` are checked. */
export interface StrategySource<P extends Params, I extends Readonly<Record<string, IndicatorValue>>> {
  /** The kind of idea, kebab case, a plain literal: `trend-ema-cross`. */
  readonly family: string;
  /** One falsifiable sentence with the number that would refute it, a plain literal. */
  readonly hypothesis: string;
  /** decide() runs on each closed bar of it; a plain literal. */
  readonly timeframe: Timeframe;
  /** Defaults; the YAML overrides them. Numbers only. */
  readonly params: P;
  /** Closed bars before the first decision. */
  readonly warmup: number | ((p: Readonly<P>) => number);
  /** Named series, computed once over the bars; each becomes a number on `now`. Of `bands: bollinger(…)` the numbers are `now.bands.upper`. */
  readonly indicators?: (bars: IndicatorBars, p: Readonly<P>) => I;
  readonly decide: (now: Now<I>, p: Readonly<P>) => void;
}
