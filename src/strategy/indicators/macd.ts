import { makeSeries, type Series, valuesOf } from '../series.ts';
import { wholePeriod } from './kernels/arguments.ts';
import { exponential } from './kernels/smooth.ts';

/** Moving average convergence divergence, in price. */
export type Macd = {
  readonly line: Series;
  readonly signal: Series;
  readonly histogram: Series;
};

/** MACD: ema(fast) - ema(slow), its own ema as the signal, and their difference; EMAs seeded with the first number as in `ema`. */
export function macd(series: Series, fast = 12, slow = 26, signal = 9): Macd {
  const smooth = (values: Float64Array, period: number, what: string) =>
    exponential(values, 2 / (wholePeriod(period, `macd: ${what}`) + 1));
  const values = valuesOf(series);
  const slowly = smooth(values, slow, 'slow');
  const line = smooth(values, fast, 'fast').map((value, i) => value - slowly[i]);
  const signals = smooth(line, signal, 'signal');
  return {
    line: makeSeries(line),
    signal: makeSeries(signals),
    histogram: makeSeries(line.map((value, i) => value - signals[i])),
  };
}
