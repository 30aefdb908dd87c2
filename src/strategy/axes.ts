/** What one parameter may be, for the tuner. */
export type Axis =
  | {
      readonly kind: 'range';
      readonly from: number;
      readonly to: number;
      /** Distance of two values next to each other; 0: any value. */
      readonly step: number;
      /** Values are spread by their ratio: 10 to 20 is as far as 100 to 200. */
      readonly log: boolean;
    }
  | { readonly kind: 'choice'; readonly values: readonly number[] };

/** The parameters that the tuner may set, by name. */
export type Axes = Readonly<Record<string, Axis>>;

export interface RangeOptions {
  /** Distance of two values next to each other. Default: 1 where both ends are whole numbers, else any value. */
  readonly step?: number;
  /** Spreads the values by their ratio; both ends must be above 0. */
  readonly log?: boolean;
}

/** More values than this are a range. */
const MOST_CHOICES = 12;

/**
 * A parameter that the harness tunes: any value from `from` to `to`, both included. `range(5, 40)` is whole numbers, `range(1, 4, { step: .25 })`
 * quarters. Stands under `params` alone; there it counts as its middle. Throws RangeError for ends or a step that make no range.
 */
export function range(from: number, to: number, options: RangeOptions = {}): number {
  return middleOf(rangeAxis(from, to, options));
}

/** A parameter that is one of these values, without order. Throws RangeError for fewer than 2 or more than 12 values, or one twice. */
export function choice(...values: number[]): number {
  return middleOf(choiceAxis(values));
}

/** The axis of a range. Throws RangeError with what to write instead. */
export function rangeAxis(from: number, to: number, { step, log = false }: RangeOptions = {}): Axis {
  const shown = `range(${from}, ${to})`;
  if (!Number.isFinite(from) || !Number.isFinite(to)) throw new RangeError(`${shown}: expected two plain numbers`);
  if (from === to) throw new RangeError(`${shown} has one value: write ${from}`);
  if (from > to) throw new RangeError(`${shown}: expected the smaller end first: write range(${to}, ${from})`);
  if (log && from <= 0) throw new RangeError(`${shown}: log needs ends above 0`);
  if (step !== undefined && !(step > 0 && step <= to - from))
    throw new RangeError(`${shown}: expected a step above 0 and at most ${to - from}, got ${step}`);
  const whole = Number.isInteger(from) && Number.isInteger(to);
  return { kind: 'range', from, to, step: step ?? (whole ? 1 : 0), log };
}

/** The axis of a choice. Throws RangeError with what was expected. */
export function choiceAxis(values: readonly number[]): Axis {
  const shown = `choice(${values.slice(0, 5).join(', ')}${values.length > 5 ? ', …' : ''})`;
  if (!values.every(Number.isFinite)) throw new RangeError(`${shown}: expected plain numbers`);
  if (values.length < 2) throw new RangeError(`${shown}: expected at least 2 values; a single one is a plain number`);
  if (values.length > MOST_CHOICES)
    throw new RangeError(`${shown}: ${values.length} values; the limit is ${MOST_CHOICES}: use range(from, to)`);
  if (new Set(values).size < values.length) throw new RangeError(`${shown}: expected each value once`);
  return { kind: 'choice', values };
}

/** How many values an axis has; Infinity for one without steps. */
export function sizeOf(axis: Axis): number {
  if (axis.kind === 'choice') return axis.values.length;
  return axis.step === 0 ? Number.POSITIVE_INFINITY : Math.floor((axis.to - axis.from) / axis.step + 1e-9) + 1;
}

/** The value at a share of an axis, 0 to 1: its nearest step. */
export function valueAt(axis: Axis, share: number): number {
  const inside = Math.min(1, Math.max(0, share));
  if (axis.kind === 'choice')
    return axis.values[Math.min(axis.values.length - 1, Math.floor(inside * axis.values.length))];
  const { from, to, step, log } = axis;
  const value = log ? from * (to / from) ** inside : from + inside * (to - from);
  // Rounded, so that 0.1 + 2 x 0.1 is 0.3 and equal points are equal.
  if (step === 0) return Number(value.toPrecision(4));
  const steps = Math.min(sizeOf(axis) - 1, Math.round((value - from) / step));
  return Number((from + steps * step).toPrecision(12));
}

/** Where a value lies on its axis, 0 to 1; of a choice the middle of its share. */
export function shareOf(axis: Axis, value: number): number {
  if (axis.kind === 'choice') return (Math.max(0, axis.values.indexOf(value)) + 0.5) / axis.values.length;
  const { from, to, log } = axis;
  return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
}

function middleOf(axis: Axis): number {
  return axis.kind === 'choice' ? axis.values[0] : valueAt(axis, 0.5);
}

/** The middle of every axis: what an untuned look at the candidate uses. */
export function middlesOf(axes: Axes): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(axes).map(([name, axis]) => [name, middleOf(axis)]));
}

/** The axes whose parameter has no value yet. */
export function freeAxes(axes: Axes, given: Readonly<Record<string, number>>): Axes {
  return Object.fromEntries(Object.entries(axes).filter(([name]) => !Object.hasOwn(given, name)));
}
