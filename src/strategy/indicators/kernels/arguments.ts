import { type Series, valuesOf } from '../../series.ts';

/**
 * A look-back in bars. Throws RangeError for anything but a whole number of at least `least`, because a period of 2.5
 * bars has no meaning that two readers would agree on. `what` names it in the message: `ema: period`.
 */
export function wholePeriod(period: number, what: string, least = 1): number {
  if (typeof period === 'number' && Number.isInteger(period) && period >= least) return period;
  throw new RangeError(`${what}: expected a whole number of bars, ${least} or more, got ${describe(period)}`);
}

/** A factor such as a number of deviations. Throws RangeError unless it is finite. */
export function finiteNumber(value: number, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new RangeError(`${what}: expected a finite number, got ${describe(value)}`);
}

/** The numbers behind several series of one timeframe. Throws RangeError when their lengths differ. */
export function columnsOf(series: readonly Series[], what: string): Float64Array[] {
  const columns = series.map(valuesOf);
  for (const column of columns) {
    if (column.length !== columns[0].length) {
      // Without the numbers: who catches it must not learn how long the window is.
      throw new RangeError(`${what}: its series have different numbers of bars; use series of one timeframe`);
    }
  }
  return columns;
}

function describe(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string'
    ? (JSON.stringify(value) ?? String(value))
    : typeof value;
}
