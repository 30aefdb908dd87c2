import { firstIndex } from '../base/numbers.ts';
/** Milliseconds in a minute, the resolution that every fill is decided on. */
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const TIMEFRAMES = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

/** Length of a bar of each timeframe in milliseconds. */
export const TIMEFRAME_MS: Record<Timeframe, number> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '4h': 240 * MINUTE,
  '1d': DAY,
};

/**
 * A series of bars of one symbol, column by column, rising in time. Minutes without a trade are absent:
 * a gap is a gap, never an invented bar.
 */
export interface Bars {
  readonly length: number;
  /** Epoch ms UTC of the OPENING of each bar; a 1-minute bar stamped 12:00 covers 12:00:00.000 to 12:00:59.999. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** In units of the base asset. */
  readonly volume: Float64Array;
}

/** The columns of bars, in the order in which files, COPY and window files hold them. */
const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Six columns of one length as bars. */
export function barsOf([time, open, high, low, close, volume]: readonly Float64Array[]): Bars {
  return { length: time.length, time, open, high, low, close, volume };
}

/**
 * Bars without values, with memory for `room` rows behind the last. All columns are in one piece: of six pieces they would lie at the same place in a
 * page, and get in each other's way.
 */
export function emptyBars(length: number, room: number): Bars {
  const buffer = new ArrayBuffer(6 * (length + room) * 8);
  return barsOf([0, 1, 2, 3, 4, 5].map((k) => new Float64Array(buffer, k * (length + room) * 8, length)));
}

/** The six columns of some bars. */
export function columnsOf(bars: Bars): Float64Array[] {
  return COLUMNS.map((name) => bars[name]);
}

/** The bars from row `from` up to row `to`. Views, not copies. */
export function rowsOf(bars: Bars, from: number, to: number): Bars {
  return barsOf(columnsOf(bars).map((column) => column.subarray(from, to)));
}

/** The bars with from <= time < to (epoch ms). Views, not copies: a market is cut a few times and read a hundred. */
export function barsBetween(bars: Bars, from: number, to: number): Bars {
  const at = (time: number) => firstIndex(bars.length, (i) => bars.time[i] >= time);
  return rowsOf(bars, at(from), at(to));
}

/** Half-open stretch of time, epoch ms UTC: from <= t < to. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
