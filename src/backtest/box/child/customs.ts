import type { Indicator } from '../../../strategy/indicators/index.ts';
import * as library from '../../../strategy/indicators/index.ts';
import { makeSeries, type Series, valuesOf } from '../../../strategy/series.ts';

/** One use of a custom indicator, to be computed bar by bar: `step(i)` must give `recorded[i]`. */
export interface Stepper {
  readonly recorded: Float64Array;
  readonly step: (index: number) => number;
}

type Mode =
  | { readonly kind: 'play' }
  | { readonly kind: 'record'; readonly made: Float64Array[] }
  | { readonly kind: 'verify'; readonly made: readonly Float64Array[]; readonly steppers: Stepper[] };

let mode: Mode = { kind: 'play' };
/** A callback is being run: over the whole series, or on one bar of a proof. */
let inCallback = false;
/** The first failure of a custom indicator in this mode, whether or not the candidate let it pass. */
let failure: { readonly cause: unknown } | undefined;

/**
 * Runs `compute` and notes what every custom indicator made, in the order in which they were used. Throws what one of them failed
 * with even if `compute` caught it: how far its callback came would be a word about bars to come.
 */
export function recordCustoms<T>(compute: () => T): { value: T; made: readonly Float64Array[] } {
  const made: Float64Array[] = [];
  return { value: within({ kind: 'record', made }, compute), made };
}

/**
 * Runs `compute` with the recorded values in place of custom indicators, whose callbacks are not called, and returns
 * what would compute them, which `compute` may watch growing. Throws when it uses other custom indicators than were recorded.
 */
export function verifyCustoms<T>(
  made: readonly Float64Array[],
  compute: (steppers: readonly Stepper[]) => T,
): { value: T; steppers: readonly Stepper[] } {
  const steppers: Stepper[] = [];
  const value = within({ kind: 'verify', made, steppers }, () => compute(steppers));
  if (steppers.length !== made.length) throw new RangeError('other custom indicators are used');
  return { value, steppers };
}

/** `scan` of the strategy API; the library's own, but for the audit. */
export function scan<S>(init: S, step: (state: S, ...values: number[]) => S, output?: (state: S) => number): Indicator {
  return custom(library.scan(init, step, output as never), (columns) => {
    let state = init;
    return (index) => {
      state = step(state, ...columns.map((column) => column[index]));
      // A column holds numbers, whatever it is given.
      return Number(output ? output(state) : state);
    };
  });
}

/** `map` of the strategy API. */
export function map(f: (...values: number[]) => number): Indicator {
  return custom(library.map(f), (columns) => (index) => Number(f(...columns.map((column) => column[index]))));
}

/** `rolling` of the strategy API. */
export function rolling(period: number, f: (...windows: number[][]) => number): Indicator {
  return custom(library.rolling(period, f), (columns) => (index) => {
    if (index < period - 1) return Number.NaN;
    return Number(f(...columns.map((column) => Array.from(column.subarray(index - period + 1, index + 1)))));
  });
}

function custom(real: Indicator, stepperOf: (columns: readonly Float64Array[]) => Stepper['step']): Indicator {
  return (...series) => {
    try {
      return use(real, stepperOf, series);
    } catch (cause) {
      failure ??= { cause };
      throw cause;
    }
  };
}

function use(
  real: Indicator,
  stepperOf: (columns: readonly Float64Array[]) => Stepper['step'],
  series: readonly Series[],
): Series {
  // On one bar of a proof it would show the callback all bars.
  if (inCallback) throw new TypeError('scan, map and rolling cannot be used inside a callback of one of them');
  if (mode.kind === 'verify') {
    const columns = series.map(valuesOf);
    const recorded = mode.made[mode.steppers.length];
    if (recorded?.length !== columns[0]?.length) throw new RangeError('other custom indicators are used');
    const step = stepperOf(columns);
    mode.steppers.push({ recorded, step: (index) => withinCallback(() => step(index)) });
    return makeSeries(recorded);
  }
  const made = withinCallback(() => real(...series));
  if (mode.kind === 'record') mode.made.push(valuesOf(made));
  return made;
}

function withinCallback<T>(run: () => T): T {
  inCallback = true;
  try {
    return run();
  } finally {
    inCallback = false;
  }
}

function within<T>(other: Mode, compute: () => T): T {
  mode = other;
  failure = undefined;
  try {
    const value = compute();
    if (failure) throw (failure as { readonly cause: unknown }).cause;
    return value;
  } finally {
    mode = { kind: 'play' };
  }
}
