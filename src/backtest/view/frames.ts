import { firstIndex } from '../../base/numbers.ts';
import type { Bars, Timeframe } from '../../market/bars.ts';
import { MINUTE, TIMEFRAME_MS } from '../../market/bars.ts';

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

/** A frame of bars whose first `rows` rows are known to be the same: what it holds of them need not be built again. */
export interface KnownPart {
  readonly frame: Frame;
  readonly rows: number;
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
  return { timeframe: '1m', length, time, open, high, low, close, volume, end, lowClose: close, highClose: close };
}

function coarseFrame(bars: Bars, timeframe: Timeframe, known: KnownPart | undefined): Frame {
  const step = TIMEFRAME_MS[timeframe];
  const kept = known ? keptBars(bars, known) : 0;
  const starts = bucketStarts(bars, step, known && kept > 0 ? known.frame.end[kept - 1] : 0);
  const length = kept + starts.length - 1;
  const column = (name: (typeof COLUMNS)[number]) => {
    const values = new Float64Array(length);
    if (known) values.set(known.frame[name].subarray(0, kept));
    return values;
  };
  const [time, open, high, low, close, volume, lowClose, highClose] = COLUMNS.map(column);
  const end = new Int32Array(length);
  if (known) end.set(known.frame.end.subarray(0, kept));
  for (let k = kept; k < length; k++) {
    const first = starts[k - kept];
    const last = starts[k - kept + 1] - 1;
    let [top, bottom, topClose, bottomClose, sum] = [-Infinity, Infinity, -Infinity, Infinity, 0];
    for (let i = first; i <= last; i++) {
      if (bars.high[i] > top) top = bars.high[i];
      if (bars.low[i] < bottom) bottom = bars.low[i];
      if (bars.close[i] > topClose) topClose = bars.close[i];
      if (bars.close[i] < bottomClose) bottomClose = bars.close[i];
      sum += bars.volume[i];
    }
    time[k] = (Math.floor(bars.time[first] / step) + 1) * step;
    open[k] = bars.open[first];
    high[k] = top;
    low[k] = bottom;
    close[k] = bars.close[last];
    volume[k] = sum;
    lowClose[k] = bottomClose;
    highClose[k] = topClose;
    end[k] = last + 1;
  }
  return { timeframe, length, time, open, high, low, close, volume, end, lowClose, highClose };
}

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume', 'lowClose', 'highClose'] as const;

/** Index of the first minute of every bucket from row `from` on, and the number of minutes at the end. */
function bucketStarts(bars: Bars, step: number, from: number): Int32Array {
  const starts = new Int32Array(bars.length - from + 1);
  let count = 0;
  let until = -Infinity;
  for (let i = from; i < bars.length; i++) {
    if (bars.time[i] < until) continue;
    starts[count++] = i;
    until = (Math.floor(bars.time[i] / step) + 1) * step;
  }
  starts[count] = bars.length;
  return starts.slice(0, count + 1);
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
