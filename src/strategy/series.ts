let read: (series: Series) => Float64Array;
const key = Symbol('series');

/**
 * One number a closed bar, oldest first; NaN while it is not known. A candidate holds it, hands it to indicators and
 * returns it, but cannot look inside: the numbers are private to this module, so no index ever reaches the future.
 */
export class Series {
  readonly #values: Float64Array;

  /** Only `makeSeries` can call it: the key never leaves this module. */
  constructor(token: symbol, values: Float64Array) {
    if (token !== key) throw new TypeError('a Series comes from bars and indicators; it cannot be made by hand');
    this.#values = values;
    Object.freeze(this);
  }

  static {
    read = (series) => series.#values;
  }
}
Object.freeze(Series.prototype);
Object.freeze(Series);

/** For indicator and engine code only; never re-exported to candidates. The array is not copied: do not write to it while a series of it is held. */
export function makeSeries(values: Float64Array): Series {
  return new Series(key, values);
}

/** The numbers behind a series, for indicator and engine code only. Read, never write. Throws TypeError for anything else. */
export function valuesOf(series: Series): Float64Array {
  if (!(series instanceof Series))
    throw new TypeError(`expected a Series such as close or ema(close, 10), got ${describe(series)}`);
  return read(series);
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value;
}
