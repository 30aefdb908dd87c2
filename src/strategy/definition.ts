import type { Timeframe } from '../market/bars.ts';
import type { Params } from './candidate.ts';
import type { Now, Season } from './now.ts';
import type { Series } from './series.ts';
import type { SeasonalUniverseNow, UniverseNow } from './universe.ts';

/** The columns of one timeframe as series: what `indicators` is given. */
export interface SeriesBars {
  readonly open: Series;
  readonly high: Series;
  readonly low: Series;
  readonly close: Series;
  /** Base units. */
  readonly volume: Series;
}

/** The same for a strategy that says `seasonal: true`. */
export interface SeasonalBars extends SeriesBars {
  /** Milliseconds from Monday 00:00 UTC to the close of each bar, over 0 and at most a week. */
  readonly time: Series;
}

export type IndicatorBars<B extends SeriesBars = SeriesBars> = B & {
  /**
   * A series of another timeframe, seen from this one: each bar shows the value of the last bar of `timeframe` that had
   * closed by then. `tf('4h', (bars) => ema(bars.close, 20))`
   */
  tf(timeframe: Timeframe, compute: (bars: B) => Series): Series;
};

/** What `indicators` may return under a name: one series, or an object of series such as `bollinger(close, 20, 2)`. */
export type IndicatorValue = Series | Readonly<Record<string, Series>>;

/** `none`; or `week`: where in the week a bar closed, for a strategy that says `seasonal: true`. No strategy is shown a date. */
export type Calendar = 'none' | 'week';

/** A strategy at run time, with the types of one candidate's parameters and indicators rubbed off. */
export interface StrategyDefinition {
  readonly family: string;
  readonly hypothesis: string;
  readonly timeframe: Timeframe;
  readonly params: Params;
  /** Closed bars of `timeframe` before the first decision. */
  readonly warmup: number | ((p: Params) => number);
  readonly where?: (p: Params) => boolean;
  readonly seasonal?: boolean;
  /** decide() is called once a moment and sees every symbol; `now` is then a UniverseNow. */
  readonly universe?: boolean;
  /** Symbols of a universe have handles in place of names, in an order that says nothing. */
  readonly anonymous?: boolean;
  /** What the box shows a candidate of the calendar. Left out, for trusted code in this process: the times of the bars. */
  readonly calendar?: Calendar;
  /** It is proven to keep nothing between two calls of decide(), which may then be called ahead of its time and again. */
  readonly stateless?: boolean;
  readonly indicators?: (bars: IndicatorBars, p: Params) => Readonly<Record<string, IndicatorValue>>;
  readonly decide: (now: Now, p: Params) => void;
}

/** What an author writes; parameter and indicator names are inferred, so that `p.fast` and `now.fast` are checked. */
export interface StrategySource<
  P extends Params,
  I extends Readonly<Record<string, IndicatorValue>>,
  S extends boolean = false,
  U extends boolean = false,
> {
  /** The kind of idea, kebab case, a plain literal: `trend-ema-cross`. */
  readonly family: string;
  /** One falsifiable sentence with the number that would refute it, a plain literal. */
  readonly hypothesis: string;
  /** decide() runs on each closed bar of it; a plain literal. */
  readonly timeframe: Timeframe;
  /** `true` gives `now.hour` and `now.weekday`, and `time` among the series; a plain literal. */
  readonly seasonal?: S;
  /** `true`: decide() sees all symbols at once, `now.symbols`; indicators are computed for each. A plain literal. */
  readonly universe?: U;
  /** `true` hides the names of a universe's symbols behind handles. A plain literal. */
  readonly anonymous?: boolean;
  /** Defaults; the YAML overrides them. Numbers, or `range(…)` and `choice(…)` for what the harness is to tune. */
  readonly params: P;
  /** Which of the tuned parameters belong together: `(p) => p.fast < p.slow`. Only beside a range or a choice. */
  readonly where?: (p: Readonly<P>) => boolean;
  /** Closed bars before the first decision. */
  readonly warmup: number | ((p: Readonly<P>) => number);
  /** Named series, computed once over the bars; each becomes a number on `now`. Of `bands: bollinger(…)` the numbers are `now.bands.upper`. */
  readonly indicators?: (bars: IndicatorBars<S extends true ? SeasonalBars : SeriesBars>, p: Readonly<P>) => I;
  readonly decide: (now: NowOf<I, S, U>, p: Readonly<P>) => void;
}

type NowOf<I extends object, S extends boolean, U extends boolean> = U extends true
  ? S extends true
    ? SeasonalUniverseNow<I>
    : UniverseNow<I>
  : S extends true
    ? Now<I> & Season
    : Now<I>;

/**
 * States a strategy. It only types and freezes what it is given; the engine checks it when it is run, so that a
 * strategy that is wrong fails as a candidate and never as an import.
 */
export function defineStrategy<
  P extends Params,
  I extends Readonly<Record<string, IndicatorValue>> = Record<never, IndicatorValue>,
  S extends boolean = false,
  U extends boolean = false,
>(source: StrategySource<P, I, S, U>): StrategyDefinition {
  return Object.freeze({ ...source }) as unknown as StrategyDefinition;
}
