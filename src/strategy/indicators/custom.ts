import { makeSeries, type Series } from '../series.ts';
import { columnsOf, wholePeriod } from './kernels/arguments.ts';
import { atBar, atWindow, filledBy, type Loop, scanInto } from './kernels/callbacks.ts';
import { orderOf } from './kernels/sorted-window.ts';
import { lentColumn } from './kernels/spare.ts';

/** A custom indicator: one or more series of one timeframe in, one out. */
export type Indicator = (...series: Series[]) => Series;

/**
 * A recursive indicator: `scan(0, (sum, close) => 0.9 * sum + close)(close)`. `step` is given the state and this bar's
 * values of the series and returns the next state, which is the bar's value as well; it is called bar by bar in order.
 * The state may be a record when `output` turns it into the number: `scan({ up: 0, down: 0 }, step, (s) => s.up - s.down)`.
 * A record is replaced, not changed: the first one is frozen.
 */
export function scan(init: number, step: (state: number, ...values: number[]) => number): Indicator;
export function scan<S>(init: S, step: (state: S, ...values: number[]) => S, output: (state: S) => number): Indicator;
export function scan<S>(init: S, step: (state: S, ...values: number[]) => S, output?: (state: S) => number): Indicator {
  return scanOver(init, step, output, undefined);
}

/** The same; `loop`: `step` and `output` together as one. */
export function scanOver<S>(
  init: S,
  step: (state: S, ...values: number[]) => S,
  output: ((state: S) => number) | undefined,
  loop: Loop | undefined,
): Indicator {
  if (typeof init === 'object') Object.freeze(init);
  return (...series) => {
    const columns = columnsOf(series, 'scan');
    const made = lentColumn(columns[0]?.length ?? 0);
    if (!filledBy(loop, made, init, columns)) scanInto(made, columns, init, step, output);
    return makeSeries(made);
  };
}

/** Bar by bar, without a memory: `map((a, b) => a / b)(fast, slow)`. */
export function map(f: (...values: number[]) => number): Indicator {
  return mapOver(f, undefined);
}

/** The same; `loop`: `f` as one. */
export function mapOver(f: (...values: number[]) => number, loop: Loop | undefined): Indicator {
  return (...series) => {
    const columns = columnsOf(series, 'map');
    const made = lentColumn(columns[0]?.length ?? 0);
    if (filledBy(loop, made, undefined, columns)) return makeSeries(made);
    const value = atBar(columns, f);
    for (let i = 0; i < made.length; i++) made[i] = Number(value(i));
    return makeSeries(made);
  };
}

/**
 * A windowed indicator: `rolling(20, (window) => window[19] / window[0] - 1)(close)`. `f` is given the last `period` values,
 * oldest first, as a copy of its own (one array for each further series), and is not called before there are that many:
 * NaN until then. O(length x period), so prefer a built-in one where it exists.
 */
export function rolling(period: number, f: (...windows: number[][]) => number): Indicator {
  return rollingOver(period, f, false, undefined);
}

/** The same; `reuse`: `f` is known to keep none of its windows, so that all bars may have one; `loop`: `f` as one. */
export function rollingOver(
  period: number,
  f: (...windows: number[][]) => number,
  reuse: boolean,
  loop: Loop | undefined,
): Indicator {
  const n = wholePeriod(period, 'rolling: period');
  return (...series) => {
    const columns = columnsOf(series, 'rolling');
    const made = lentColumn(columns[0]?.length ?? 0).fill(Number.NaN, 0, n - 1);
    const order = orderOf(f, columns, n);
    if (!order && filledBy(loop, made, n, columns)) return makeSeries(made);
    const value = order ?? atWindow(columns, n, f, reuse);
    for (let i = n - 1; i < made.length; i++) made[i] = value(i);
    return makeSeries(made);
  };
}
