import { firstIndex } from '../../base/numbers.ts';
import type { Bars, Timeframe } from '../../market/bars.ts';
import { MINUTE, TIMEFRAME_MS } from '../../market/bars.ts';
import { nextAtOrAfter } from '../minute/times.ts';

/** The closed bars of one timeframe, built from 1-minute bars. Buckets are cut at whole multiples of UTC time. */
export interface Frame {
  readonly timeframe: Timeframe;
  readonly length: number;
  /** Epoch ms UTC at which each bar closed: the end of its bucket, whether or not its last minute traded. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** Index after the last 1-minute bar of each bar. */
  readonly end: Int32Array;
  /** Lowest and highest 1-minute close inside each bar: enough to skip the minutes of a bar in which nothing happens. */
  readonly lowClose: Float64Array;
  readonly highClose: Float64Array;
}

/** A frame of these parts. All are made here: frames of two shapes would cost the engine its compiled code when the second one comes. */
export function frameOf(parts: Frame): Frame {
  const { timeframe, length, time, open, high, low, close, volume, end, lowClose, highClose } = parts;
  return { timeframe, length, time, open, high, low, close, volume, end, lowClose, highClose };
}

/**
 * A timeframe that a candidate names, for the function `where`. Throws TypeError for anything else: an object would be read as text more than
 * once, and could say something else each time.
 */
export function timeframeFor(where: string, given: unknown): Timeframe {
  if (typeof given === 'string' && Object.hasOwn(TIMEFRAME_MS, given)) return given as Timeframe;
  const came = typeof given === 'string' ? `"${given}"` : `of type ${typeof given}`;
  throw new TypeError(`${where}: there is no timeframe ${came}; expected ${Object.keys(TIMEFRAME_MS).join(', ')}`);
}

/** A frame of bars whose first `rows` rows are known to be the same: what it holds of them need not be built again. */
export interface KnownPart {
  readonly frame: Frame;
  readonly rows: number;
  /** The bars have the times of those that the frame was built from, whatever their prices are. */
  readonly sameTimes?: boolean;
}

/** Builds the bars of a timeframe. Minutes that are absent stay absent; a bucket without any has no bar. */
export function buildFrame(bars: Bars, timeframe: Timeframe, known?: KnownPart): Frame {
  return timeframe === '1m' ? minuteFrame(bars, known) : coarseFrame(bars, timeframe, known);
}

/** How many bars of a known frame hold only known rows, and could not get another from the row that follows. */
export function keptBars(bars: Bars, { frame, rows }: KnownPart): number {
  const next = rows < bars.length ? bars.time[rows] : Number.POSITIVE_INFINITY;
  return firstIndex(frame.length, (i) => frame.end[i] > rows || frame.time[i] > next);
}

function minuteFrame(bars: Bars, known: KnownPart | undefined): Frame {
  const { length, open, high, low, close, volume } = bars;
  const prices = { open, high, low, close, volume, lowClose: close, highClose: close };
  if (known?.sameTimes) {
    const { time, end } = known.frame;
    return frameOf({ timeframe: '1m', length, time, end, ...prices });
  }
  const time = new Float64Array(length);
  const end = new Int32Array(length);
  const kept = known ? Math.min(known.rows, length) : 0;
  if (known) {
    time.set(known.frame.time.subarray(0, kept));
    end.set(known.frame.end.subarray(0, kept));
  }
  for (let i = kept; i < length; i++) {
    time[i] = bars.time[i] + MINUTE;
    end[i] = i + 1;
  }
  return frameOf({ timeframe: '1m', length, time, end, ...prices });
}

function coarseFrame(bars: Bars, timeframe: Timeframe, known: KnownPart | undefined): Frame {
  const kept = known ? keptBars(bars, known) : 0;
  const { time, end } = known?.sameTimes ? known.frame : bucketsOf(bars, TIMEFRAME_MS[timeframe], kept, known?.frame);
  const { length } = time;
  const column = (name: (typeof PRICES)[number]) => {
    const values = new Float64Array(length);
    if (known) values.set(known.frame[name].subarray(0, kept));
    return values;
  };
  const [open, high, low, close, volume, lowClose, highClose] = PRICES.map(column);
  const frame = frameOf({ timeframe, length, time, open, high, low, close, volume, end, lowClose, highClose });
  fill(frame, bars, kept);
  return frame;
}

/** Writes the bars of a frame from bar `from` on. A function of its own, because a short one is compiled sooner. */
function fill(frame: Frame, bars: Bars, from: number): void {
  const { length, end, open, high, low, close, volume, lowClose, highClose } = frame;
  const { open: opens, high: highs, low: lows, close: closes, volume: volumes } = bars;
  let i = from === 0 ? 0 : end[from - 1];
  for (let k = from; k < length; k++) {
    const after = end[k];
    let top = highs[i];
    let bottom = lows[i];
    let topClose = closes[i];
    let bottomClose = topClose;
    let sum = 0;
    open[k] = opens[i];
    for (; i < after; i++) {
      if (highs[i] > top) top = highs[i];
      if (lows[i] < bottom) bottom = lows[i];
      if (closes[i] > topClose) topClose = closes[i];
      if (closes[i] < bottomClose) bottomClose = closes[i];
      sum += volumes[i];
    }
    high[k] = top;
    low[k] = bottom;
    close[k] = closes[after - 1];
    volume[k] = sum;
    lowClose[k] = bottomClose;
    highClose[k] = topClose;
  }
}

const PRICES = ['open', 'high', 'low', 'close', 'volume', 'lowClose', 'highClose'] as const;

/** Where the buckets end; the first `kept` are those of `before`. */
function bucketsOf(bars: Bars, step: number, kept: number, before?: Frame): Pick<Frame, 'time' | 'end'> {
  const from = before && kept > 0 ? before.end[kept - 1] : 0;
  const { time, length } = bars;
  const most =
    from < length ? Math.min(length - from, bucketOf(time[length - 1], step) - bucketOf(time[from], step) + 1) : 0;
  const ends = new Int32Array(kept + most);
  const times = new Float64Array(ends.length);
  if (before) ends.set(before.end.subarray(0, kept));
  if (before) times.set(before.time.subarray(0, kept));
  const count = cut(bars, step, from, kept, times, ends);
  return { time: times.slice(0, count), end: ends.slice(0, count) };
}

/** Writes the buckets that begin at row `from` or later behind the first `kept`; returns how many there are then. */
function cut(bars: Bars, step: number, from: number, kept: number, times: Float64Array, ends: Int32Array): number {
  let count = kept;
  for (let i = from; i < bars.length; i = ends[count - 1]) {
    times[count] = (bucketOf(bars.time[i], step) + 1) * step;
    ends[count] = nextAtOrAfter(bars, i, times[count], step / MINUTE);
    count += 1;
  }
  return count;
}

function bucketOf(time: number, step: number): number {
  return Math.floor(time / step);
}

/**
 * For each bar of `frame` the index of the last bar of `other` that had closed by then, -1 for none. The first `kept`
 * entries are taken from `before`.
 */
export function alignFrames(frame: Frame, other: Frame, before?: Int32Array, kept = 0): Int32Array {
  const at = new Int32Array(frame.length);
  if (before) at.set(before.subarray(0, kept));
  let j = kept > 0 ? at[kept - 1] : -1;
  for (let k = kept; k < frame.length; k++) {
    while (j + 1 < other.length && other.time[j + 1] <= frame.time[k]) j += 1;
    at[k] = j;
  }
  return at;
}
