import { makeSeries, type Series } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { trueRanges } from './kernels/ranges.ts';
import { wilder } from './kernels/smooth.ts';

/** True range in price: max(high, previous close) - min(low, previous close); the first bar's is high - low. */
export function trueRange(high: Series, low: Series, close: Series): Series {
  const [highs, lows, closes] = columnsOf([high, low, close], 'trueRange');
  return makeSeries(trueRanges(highs, lows, closes));
}

/** Average true range (Wilder 1978) in price: Wilder's mean of the true range; the first value is at bar `period` - 1. */
export function atr(high: Series, low: Series, close: Series, period: number): Series {
  const n = wholePeriod(period, 'atr: period');
  const [highs, lows, closes] = columnsOf([high, low, close], 'atr');
  return makeSeries(wilder(trueRanges(highs, lows, closes), n));
}
