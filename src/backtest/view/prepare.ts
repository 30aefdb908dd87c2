import { type Bars, DAY, type Range, type Timeframe } from '../../market/bars.ts';
import type { Calendar, IndicatorBars, SeriesBars } from '../../strategy/definition.ts';
import { makeSeries, type Series, valuesOf } from '../../strategy/series.ts';
import { cutDays, type SymbolDays } from '../account/days.ts';
import { addSquaredChanges, rollHalfSpread, squaredChanges } from '../account/variation.ts';
import { makeTape, type Tape } from '../minute/tape.ts';
import { checked } from './checked.ts';
import { alignFrames, buildFrame, type Frame, keptBars, timeframeFor } from './frames.ts';
import { isLent, refuseLent } from './lent.ts';

/** Checked bars of one symbol and what is derived from them on demand; shared by every simulation over the same bars. */
export interface Prepared {
  readonly bars: Bars;
  frame(timeframe: Timeframe): Frame;
  readonly tape: Tape;
  /** See alignFrames. */
  aligned(timeframe: Timeframe, other: Timeframe): Int32Array;
  /** The range cut into UTC days. */
  days(range: Range): SymbolDays;
  /** See squaredChanges. */
  squares(): Float64Array;
  /** What `indicators` of a strategy with this timeframe is given. */
  series(timeframe: Timeframe, calendar?: Calendar): IndicatorBars;
  /** See rollHalfSpread. */
  halfSpread(): number;
  /** What there is of the bars as they are, also while they are lent; undefined for what would have to be made then. */
  readonly there: Given;
  /** Makes now what most simulations of the range will ask for, `alone` those of one symbol. Their tape is not of it, see readsTape. */
  ready(range: Range, alone?: boolean): void;
}

/** Timeframes of most strategies; the finer ones take too much memory to be built unasked. */
const USUAL: readonly Timeframe[] = ['15m', '1h', '4h', '1d'];

const known = new WeakMap<Bars, Prepared>();

/** Checks bars once and remembers what was built from them. Throws RalphError for bars that no market could print, Error for bars that are lent. */
export function prepare(symbol: string, bars: Bars): Prepared {
  refuseLent(bars);
  const before = known.get(bars);
  if (before) return before;
  const prepared = derive(checked(symbol, bars));
  known.set(bars, prepared);
  return prepared;
}

/**
 * Prepares bars whose first `rows` rows equal those of `base`, which may be lent to them, without checking or building that part again; the
 * caller answers for the rest. A replay that replaces the future would spend most of its time on the past otherwise. `lent`: where
 * running squares may be written, or has the squares, and perhaps the tape, already.
 */
export function prepareAltered(bars: Bars, base: Prepared, rows: number, lent?: LentSquares | Written): Prepared {
  const from = { prepared: base, rows };
  const prepared = derive(bars, { ...from, ...(lent && ('rows' in lent ? { lent } : { written: lent })) });
  known.set(bars, prepared);
  return prepared;
}

/** Memory that is lent to the running squares of one set of altered bars after the other: new memory is dearer than what is written into it. */
export interface LentSquares {
  readonly memory: { readonly squares: Float64Array };
  /** The squares of so many known rows are written. */
  rows: number;
}

interface Written {
  readonly tape?: Tape;
  /** See squaredChanges. */
  readonly squares: Float64Array;
}

interface KnownBase {
  readonly prepared: Prepared;
  readonly rows: number;
  readonly lent?: LentSquares;
  readonly written?: Written;
}

/** What is known of bars before they are looked at; undefined for what has to be made. */
export interface Given {
  frame(timeframe: Timeframe): Frame | undefined;
  readonly tape?: Tape;
  /** See squaredChanges; sums may begin at any number. */
  squares(): Float64Array | undefined;
}

/** Prepares bars that are made of checked ones, so that nothing has to be looked at that `given` knows. */
export function prepareGiven(bars: Bars, given: Given): void {
  known.set(bars, derive(bars, undefined, given));
}

function derive(bars: Bars, base?: KnownBase, given?: Given): Prepared {
  const sameTimes = bars.time === base?.prepared.bars.time;
  const part = (timeframe: Timeframe) => {
    const known = base?.prepared.there.frame(timeframe);
    return base && known && { frame: known, rows: base.rows, sameTimes };
  };
  const frames = new Map<Timeframe, Frame>();
  const frame = remember((timeframe: Timeframe) => {
    refuseLent(bars);
    return given?.frame(timeframe) ?? buildFrame(bars, timeframe, part(timeframe));
  }, frames);
  const pair = remember((key: string) => {
    const [timeframe, other] = key.split(' ') as Timeframe[];
    const same = part(timeframe);
    if (!base || !same || !part(other)) return alignFrames(frame(timeframe), frame(other));
    return alignFrames(frame(timeframe), frame(other), base.prepared.aligned(timeframe, other), keptBars(bars, same));
  });
  const aligned = (timeframe: Timeframe, other: Timeframe) => pair(`${timeframe} ${other}`);
  const columns = remember((timeframe: Timeframe) => seriesOf(frame(timeframe)));
  const timed = remember((key: string) => {
    const [timeframe, calendar] = key.split(' ') as [Timeframe, Calendar | 'all'];
    if (calendar === 'none') return columns(timeframe);
    const { time } = frame(timeframe);
    return Object.freeze({
      ...columns(timeframe),
      time: makeSeries(calendar === 'week' ? time.map(sinceMonday) : time),
    });
  });
  const withFrames = remember((key: string) => {
    const [timeframe, calendar] = key.split(' ') as [Timeframe, string];
    return Object.freeze({
      ...timed(key),
      tf: Object.freeze((given: unknown, compute: (bars: SeriesBars) => Series) => {
        const other = timeframeFor('tf', given);
        return stretch(compute(timed(`${other} ${calendar}`)), frame(other), aligned(timeframe, other));
      }),
    });
  });
  const series = (timeframe: Timeframe, calendar: Calendar | 'all' = 'all') => withFrames(`${timeframe} ${calendar}`);
  let squares = base?.written?.squares;
  const allSquares = () => {
    if (squares) return squares;
    refuseLent(bars);
    squares = given?.squares() ?? (base?.lent && squaresIn(bars, base)) ?? squaredChanges(bars);
    return squares;
  };
  const cut = remember((key: string) => {
    refuseLent(bars);
    const [from, to] = key.split(' ').map(Number);
    return cutDays(bars, { from, to }, allSquares);
  });
  const days = ({ from, to }: Range) => cut(`${from} ${to}`);
  let half: number | undefined;
  const halfSpread = () => {
    if (half === undefined) refuseLent(bars);
    half ??= rollHalfSpread(bars);
    return half;
  };
  const tape = base?.written?.tape ?? given?.tape ?? makeTape(bars);
  return {
    bars,
    frame,
    aligned,
    tape,
    days,
    squares: allSquares,
    series,
    halfSpread,
    there: {
      frame: (timeframe) => frames.get(timeframe) ?? (isLent(bars) ? undefined : frame(timeframe)),
      squares: () => squares ?? (isLent(bars) ? undefined : allSquares()),
    },
    ready(range, alone = true) {
      days(range);
      if (alone) allSquares();
      for (const timeframe of USUAL) frame(timeframe);
    },
  };
}

/** Running squares in lent memory: those of known rows are copied from where the last altered bars left off. Undefined where none are known. */
function squaresIn(bars: Bars, { prepared, rows, lent }: KnownBase): Float64Array | undefined {
  const whole = prepared.there.squares();
  if (!whole) return undefined;
  const { memory, rows: written } = lent!;
  const { squares } = memory;
  if (rows >= written) squares.set(whole.subarray(written, rows + 1), written);
  addSquaredChanges(squares, bars, rows);
  lent!.rows = rows;
  return squares;
}

function seriesOf(frame: Frame): SeriesBars {
  const { open, high, low, close, volume } = frame;
  return Object.freeze({
    open: makeSeries(open),
    high: makeSeries(high),
    low: makeSeries(low),
    close: makeSeries(close),
    volume: makeSeries(volume),
  });
}

/** More than 0: a bar that closes on Monday at 00:00 is the last of the week. 1 January 1970 was a Thursday. */
function sinceMonday(time: number): number {
  return ((time + 3 * DAY - 1) % (7 * DAY)) + 1;
}

/** A coarse series at the pace of a finer one: the last closed value, NaN before the first. */
function stretch(series: Series, frame: Frame, at: Int32Array): Series {
  const values = valuesOf(series);
  if (values.length !== frame.length) {
    throw new RangeError(`tf('${frame.timeframe}', …) must return a series made from the bars it is handed`);
  }
  const stretched = new Float64Array(at.length);
  for (let k = 0; k < at.length; k++) stretched[k] = at[k] < 0 ? Number.NaN : values[at[k]];
  return makeSeries(stretched);
}

function remember<K extends string, V>(make: (key: K) => V, made = new Map<K, V>()): (key: K) => V {
  return (key) => {
    const before = made.get(key);
    if (before !== undefined) return before;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
