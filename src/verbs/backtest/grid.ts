import { type RalphError, UsageError } from '../../base/errors.ts';
import { median } from '../../base/numbers.ts';
import type { Params } from '../../strategy/candidate.ts';

/** Values of one parameter, ascending. */
export interface Axis {
  readonly name: string;
  readonly values: readonly number[];
}

/** A point of a grid and what was measured there; null where nothing could be. */
export interface GridPoint {
  readonly params: Params;
  readonly value: number | null;
}

/** More points than anybody can read, and hours of evaluation. */
const MOST_POINTS = 20_000;
const FORM = /^\s*([A-Za-z_]\w*)\s*=\s*(-?[\d.]+)\.\.(-?[\d.]+):([\d.]+)\s*$/;

/** Reads `fast=5..40:5,slow=30..200:10`: from, to (included where the steps meet it) and step of each parameter. Throws RalphError. */
export function readGrid(text: string, known: readonly string[]): Axis[] {
  const axes = text.split(',').map((part) => {
    const [, name, ...numbers] = FORM.exec(part) ?? [];
    const [from, to, step] = numbers.map(Number);
    if (name === undefined || !(step > 0) || !(to >= from))
      throw refused(`"${part.trim()}" is no range of a parameter`);
    if (!known.includes(name))
      throw refused(`the strategy has no parameter "${name}"`, `Its parameters: ${known.join(', ')}`);
    const count = Math.floor((to - from) / step + 1e-9) + 1;
    return { name, values: Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12))) };
  });
  if (new Set(axes.map(({ name }) => name)).size < axes.length) throw refused('a parameter stands twice');
  const points = axes.reduce((product, { values }) => product * values.length, 1);
  if (points > MOST_POINTS) throw refused(`${points} points are more than ${MOST_POINTS}`, 'Take larger steps.');
  return axes;
}

function refused(what: string, remedy = "Write it as --sweep 'fast=5..40:5,slow=30..200:10'."): RalphError {
  return new UsageError(`--sweep: ${what}`, { expected: 'NAME=FROM..TO:STEP, several with commas', remedy });
}

/** Every combination; the last parameter changes fastest. */
export function pointsOf(axes: readonly Axis[]): Params[] {
  return axes.reduce<Params[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/**
 * The plateau value of each point: the median of its own value and those one step away along each parameter. A peak among losses has a low
 * one. Points without a value count as the lowest there is.
 */
export function plateausOf(axes: readonly Axis[], points: readonly GridPoint[]): number[] {
  const strides = axes.map((_, i) => axes.slice(i + 1).reduce((product, { values }) => product * values.length, 1));
  return points.map((point, at) => {
    const near = axes.flatMap(({ name, values }, i) => {
      const place = values.indexOf(point.params[name]);
      return [place > 0 ? at - strides[i] : -1, place < values.length - 1 ? at + strides[i] : -1];
    });
    const around = [at, ...near.filter((index) => index >= 0)];
    return median(around.map((index) => points[index].value ?? Number.NEGATIVE_INFINITY));
  });
}
