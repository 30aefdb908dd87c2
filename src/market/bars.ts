/** Milliseconds in a minute, the resolution that every fill is decided on. */
export const MINUTE = 60_000;
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

/** Half-open stretch of time, epoch ms UTC: from <= t < to. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
