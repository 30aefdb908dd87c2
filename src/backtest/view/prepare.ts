import { RalphError } from '../../base/errors.ts';
import { type Bars, DAY, type Range, type Timeframe } from '../../market/bars.ts';
import type { Calendar, IndicatorBars, SeriesBars } from '../../strategy/definition.ts';
import { makeSeries, type Series, valuesOf } from '../../strategy/series.ts';
import { cutDays, type SymbolDays } from '../account/days.ts';
import { addSquaredChanges, rollHalfSpread, squaredChanges } from '../account/variation.ts';
import { makeTape, type Tape } from '../minute/tape.ts';
import { alignFrames, buildFrame, type Frame, keptBars } from './frames.ts';

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
  /** Makes now what most simulations of the range will ask for, `alone` those of one symbol. Their tape is not of it, see readsTape. */
  ready(range: Range, alone?: boolean): void;
}

/** Timeframes of most strategies; the finer ones take too much memory to be built unasked. */
const USUAL: readonly Timeframe[] = ['15m', '1h', '4h', '1d'];

const known = new WeakMap<Bars, Prepared>();

/** Checks bars once and remembers what was built from them. Throws RalphError for bars that no market could print. */
export function prepare(symbol: string, bars: Bars): Prepared {
  const before = known.get(bars);
  if (before) return before;
  const prepared = derive(checked(symbol, bars));
  known.set(bars, prepared);
  return prepared;
}

/**
 * Prepares bars whose first `rows` rows equal those of `base`, without checking or building that part again; the caller
 * answers for the rest. A replay that replaces the future would spend most of its time on the past otherwise. `room`
 * holds their tape and is where running squares may be written, or has the squares, and perhaps the tape, already.
 */
export function prepareAltered(symbol: string, bars: Bars, base: Bars, rows: number, room?: Room | Written): Prepared {
  const from = { prepared: prepare(symbol, base), rows };
  const prepared = derive(bars, { ...from, ...(room && ('rows' in room ? { room } : { written: room })) });
  known.set(bars, prepared);
  return prepared;
}

/** Memory that is lent to one set of altered bars after the other: new memory is dearer than what is written into it. */
export interface Room {
  tape: Tape;
  /** Room for the running squares of all bars, those of the first `rows` known ones written. */
  readonly squares: Float64Array;
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
  readonly room?: Room;
  readonly written?: Written;
}

/** What is known of bars before they are looked at. */
export interface Given {
  /** The frame of a timeframe; undefined for one that has to be built. */
  frame(timeframe: Timeframe): Frame | undefined;
  readonly tape?: Tape;
  /** See squaredChanges; sums may begin at any number. */
  squares(): Float64Array;
}

/** Prepares bars that are made of checked ones, so that nothing has to be looked at that `given` knows. */
export function prepareGiven(bars: Bars, given: Given): void {
  known.set(bars, derive(bars, undefined, given));
}

function derive(bars: Bars, base?: KnownBase, given?: Given): Prepared {
  const sameTimes = bars.time === base?.prepared.bars.time;
  const part = (timeframe: Timeframe) => base && { frame: base.prepared.frame(timeframe), rows: base.rows, sameTimes };
  const frame = remember(
    (timeframe: Timeframe) => given?.frame(timeframe) ?? buildFrame(bars, timeframe, part(timeframe)),
  );
  const pair = remember((key: string) => {
    const [timeframe, other] = key.split(' ') as Timeframe[];
    const same = part(timeframe);
    if (!base || !same) return alignFrames(frame(timeframe), frame(other));
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
      tf: Object.freeze((other: Timeframe, compute: (bars: SeriesBars) => Series) =>
        stretch(compute(timed(`${other} ${calendar}`)), frame(other), aligned(timeframe, other)),
      ),
    });
  });
  const series = (timeframe: Timeframe, calendar: Calendar | 'all' = 'all') => withFrames(`${timeframe} ${calendar}`);
  let squares = base?.written?.squares;
  const allSquares = () => {
    squares ??= given?.squares() ?? (base?.room ? squaresIn(bars, base) : squaredChanges(bars));
    return squares;
  };
  const cut = remember((key: string) => {
    const [from, to] = key.split(' ').map(Number);
    return cutDays(bars, { from, to }, allSquares);
  });
  const days = ({ from, to }: Range) => cut(`${from} ${to}`);
  let half: number | undefined;
  const halfSpread = () => {
    half ??= rollHalfSpread(bars);
    return half;
  };
  const tape = base?.written?.tape ?? base?.room?.tape ?? given?.tape ?? makeTape(bars);
  return {
    bars,
    frame,
    aligned,
    tape,
    days,
    squares: allSquares,
    series,
    halfSpread,
    ready(range, alone = true) {
      days(range);
      if (alone) {
        allSquares();
        halfSpread();
      }
      for (const timeframe of USUAL) frame(timeframe);
    },
  };
}

/** Running squares in lent memory: those of known rows are copied from where the last altered bars left off. */
function squaresIn(bars: Bars, { prepared, rows, room }: KnownBase): Float64Array {
  const { squares, rows: written } = room!;
  const whole = prepared.squares();
  if (rows >= written) squares.set(whole.subarray(written, rows + 1), written);
  addSquaredChanges(squares, bars, rows);
  room!.rows = rows;
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

/**
 * The bars themselves when time rises and every bar is possible. Of several bars of one minute the first counts and the
 * others are left out, because a later correction was not known when the first was traded on.
 */
function checked(symbol: string, bars: Bars): Bars {
  const { length, time, open, high, low, close, volume } = bars;
  let duplicates = 0;
  for (let i = 0; i < length; i++) {
    if (i > 0 && !(time[i] > time[i - 1])) {
      if (time[i] !== time[i - 1]) refuse(symbol, i, `its time ${time[i]} is before the bar above it`);
      duplicates += 1;
    }
    const possible = low[i] > 0 && low[i] <= open[i] && low[i] <= close[i] && high[i] >= open[i] && high[i] >= close[i];
    if (!possible || !(high[i] < Infinity) || !(volume[i] >= 0)) {
      refuse(symbol, i, `open ${open[i]}, high ${high[i]}, low ${low[i]}, close ${close[i]}, volume ${volume[i]}`);
    }
  }
  return duplicates === 0 ? bars : withoutDuplicates(bars, length - duplicates);
}

function withoutDuplicates(bars: Bars, length: number): Bars {
  const columns = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
  const kept = Object.fromEntries(columns.map((name) => [name, new Float64Array(length)])) as Record<
    (typeof columns)[number],
    Float64Array
  >;
  let row = 0;
  for (let i = 0; i < bars.length; i++) {
    if (i > 0 && bars.time[i] === bars.time[i - 1]) continue;
    for (const name of columns) kept[name][row] = bars[name][i];
    row += 1;
  }
  return { length, ...kept };
}

function refuse(symbol: string, row: number, what: string): never {
  throw new RalphError(`bar ${row} of ${symbol} is impossible: ${what}`, {
    remedy: 'Ingest the source again; expected rising times, 0 < low <= open, close <= high, volume >= 0.',
  });
}

function remember<K extends string, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const before = made.get(key);
    if (before !== undefined) return before;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
