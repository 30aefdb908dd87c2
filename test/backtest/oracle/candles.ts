import { type Bars, TIMEFRAME_MS, type Timeframe } from '../../../src/market/bars.ts';

/** One minute as an object. */
export interface Candle {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A closed bar of the decision timeframe and the minutes in it. */
export interface Bucket {
  readonly closes: number;
  readonly minutes: readonly Candle[];
  readonly close: number;
}

export function candlesOf(bars: Bars): Candle[] {
  return [...bars.time].map((at, i) => ({
    at,
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: bars.volume[i],
  }));
}

/** Minutes grouped by the UTC bucket that they fall into; a bucket without a minute does not exist. */
export function bucketsOf(candles: readonly Candle[], timeframe: Timeframe): Bucket[] {
  const size = TIMEFRAME_MS[timeframe];
  const groups = Map.groupBy(candles, ({ at }) => Math.floor(at / size));
  return [...groups].map(([key, minutes]) => ({ closes: (key + 1) * size, minutes, close: minutes.at(-1)!.close }));
}
