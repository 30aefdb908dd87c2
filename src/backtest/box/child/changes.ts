import { agreementOf } from '../../../base/numbers.ts';
import type { Range } from '../../../market/bars.ts';
import type { SimulationResult } from '../../contract.ts';

/** Returns of the same days in two runs, of those days in a range that both have. A day behind the end of an account returns 0. */
export function pairedChanges(
  truth: SimulationResult,
  other: SimulationResult,
  { from, to }: Range,
): [number[], number[]] {
  const [own, others]: [number[], number[]] = [[], []];
  // Days of a part of a window follow each other as they do in the whole.
  const shift = truth.days.indexOf(other.days[0]);
  for (let i = 1; i < other.days.length; i++) {
    if (!(other.days[i] >= from && other.days[i] < to)) continue;
    own.push(changeOf(truth, i + shift));
    others.push(changeOf(other, i));
  }
  return [own, others];
}

function changeOf({ dayEquity }: SimulationResult, day: number): number {
  return dayEquity[day - 1] > 0 ? dayEquity[day] / dayEquity[day - 1] - 1 : 0;
}

/** Agreement of returns of the same days. It sees sizes as well as sides. */
export function agreementOfChanges([own, others]: readonly [readonly number[], readonly number[]]): number {
  return agreementOf(Float64Array.from(own), Float64Array.from(others));
}
