import { mapOver, rollingOver, scanOver } from '../../../strategy/indicators/custom.ts';
import type { Indicator } from '../../../strategy/indicators/index.ts';
import { atBar, atWindow, type Loop } from '../../../strategy/indicators/kernels/callbacks.ts';
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
let trusted = false;

/** From here on callbacks are known to owe nothing to any bar but those that they are handed; see hasPureCustoms. */
export function trustCallbacks(): void {
  trusted = true;
}

/** Whether `trustCallbacks` was called. */
export function areTrusted(): boolean {
  return trusted;
}

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

/**
 * A loop that the compiler wrote beside a callback. It is handed whole columns, so that a candidate must not be able to bring one of its own: it counts
 * only where every use of a custom indicator was read when the file was compiled, and had no such argument.
 */
const trustedLoop = (loop: Loop | undefined) => (trusted ? loop : undefined);

/** `scan` of the strategy API; the library's own, but for the audit and for loops. */
export function scan<S>(
  init: S,
  step: (state: S, ...values: number[]) => S,
  output?: (state: S) => number,
  loop?: Loop,
): Indicator {
  return custom(scanOver(init, step, output, trustedLoop(loop)), (columns) => {
    let state = init;
    const next = atBar(columns, ((...values: number[]) => {
      state = step(state, ...values);
    }) as never);
    const alone = columns.length === 1 ? columns[0] : undefined;
    return (index) => {
      if (alone) state = step(state, alone[index]);
      else next(index);
      // A column holds numbers, whatever it is given.
      return Number(output ? output(state) : state);
    };
  });
}

/** `map` of the strategy API. */
export function map(f: (...values: number[]) => number, loop?: Loop): Indicator {
  return custom(mapOver(f, trustedLoop(loop)), (columns) => {
    const value = atBar(columns, f);
    return (index) => Number(value(index));
  });
}

/** `rolling` of the strategy API. */
export function rolling(period: number, f: (...windows: number[][]) => number, loop?: Loop): Indicator {
  return custom(rollingOver(period, f, trusted, trustedLoop(loop)), (columns) => {
    const value = atWindow(columns, period, f, false);
    return (index) => (index < period - 1 ? Number.NaN : Number(value(index)));
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
