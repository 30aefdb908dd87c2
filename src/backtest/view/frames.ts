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
  if (known?.sameTimes) return frameOf({ ...known.frame, ...prices });
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
  const { high: highs, low: lows, close: closes, volume: volumes } = bars;
  for (let k = kept; k < length; k++) {
    const first = k === 0 ? 0 : end[k - 1];
    const last = end[k] - 1;
    let [top, bottom, topClose, bottomClose, sum] = [-Infinity, Infinity, -Infinity, Infinity, 0];
    for (let i = first; i <= last; i++) {
      if (highs[i] > top) top = highs[i];
      if (lows[i] < bottom) bottom = lows[i];
      if (closes[i] > topClose) topClose = closes[i];
      if (closes[i] < bottomClose) bottomClose = closes[i];
      sum += volumes[i];
    }
    open[k] = bars.open[first];
    high[k] = top;
    low[k] = bottom;
    close[k] = bars.close[last];
    volume[k] = sum;
    lowClose[k] = bottomClose;
    highClose[k] = topClose;
  }
  return frameOf({ timeframe, length, time, open, high, low, close, volume, end, lowClose, highClose });
}

const PRICES = ['open', 'high', 'low', 'close', 'volume', 'lowClose', 'highClose'] as const;

/** Where the buckets end; the first `kept` are those of `before`. */
function bucketsOf(bars: Bars, step: number, kept: number, before?: Frame): Pick<Frame, 'time' | 'end'> {
  const from = before && kept > 0 ? before.end[kept - 1] : 0;
  const { time, length } = bars;
  const bucketOf = (i: number) => Math.floor(time[i] / step);
  const most = from < length ? Math.min(length - from, bucketOf(length - 1) - bucketOf(from) + 1) : 0;
  const ends = new Int32Array(kept + most);
  const times = new Float64Array(ends.length);
  if (before) ends.set(before.end.subarray(0, kept));
  if (before) times.set(before.time.subarray(0, kept));
  let count = kept;
  for (let i = from; i < length; i = ends[count - 1]) {
    times[count] = (bucketOf(i) + 1) * step;
    ends[count] = nextAtOrAfter(bars, i, times[count], step / MINUTE);
    count += 1;
  }
  return { time: times.slice(0, count), end: ends.slice(0, count) };
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
