import { makeSeries, type Series, valuesOf } from '../series.ts';
import { wholePeriod } from './kernels/arguments.ts';
import { wilder } from './kernels/smooth.ts';

/**
 * Relative strength index (Wilder 1978), 0 to 100: Wilder means of the rises and of the falls from close to close, the
 * first over the first `period` changes, so the first value is at bar `period`. Only rises: 100; no change at all: 50.
 */
export function rsi(series: Series, period: number): Series {
  const n = wholePeriod(period, 'rsi: period');
  const values = valuesOf(series);
  const rises = new Float64Array(values.length).fill(Number.NaN);
  const falls = new Float64Array(values.length).fill(Number.NaN);
  let before = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const change = values[i] - before;
    before = values[i];
    if (Number.isNaN(change)) continue;
    rises[i] = change > 0 ? change : 0;
    falls[i] = change < 0 ? -change : 0;
  }
  const up = wilder(rises, n);
  const down = wilder(falls, n);
  return makeSeries(up.map((rise, i) => (rise === 0 && down[i] === 0 ? 50 : (100 * rise) / (rise + down[i]))));
}
