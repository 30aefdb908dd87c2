import { median } from '../../base/numbers.ts';
import { type Axis, valueAt } from '../../strategy/axes.ts';
import type { Measures } from './objective.ts';
import { cellAt, cellsOf } from './surface.ts';
import type { Tuned } from './tuned.ts';

/** What a measure was over one parameter: medians of the points tried, from its low end to its high end, or value by value of a choice. */
export interface Sensitivity {
  readonly name: string;
  readonly groups: readonly { readonly from: number; readonly to: number; readonly median: number | null }[];
}

/** A range is told in thirds. */
const THIRDS = 3;

/** The measure that the tuner's points can say about a gate; the Sharpe ratio for every gate that judges returns. */
export function measureOf(gate: string): keyof Measures {
  const [stage, name] = gate.split('.');
  if (stage === 'train' && (name === 'trades' || name === 'exposure' || name === 'drawdown' || name === 'hiddenRisk'))
    return name;
  return stage === 'smoke' ? 'trades' : 'sharpe';
}

/** How a measure answers to each parameter, by the tuner's own simulations. Empty where the points hold no such measure. */
export function sensitivitiesOf(
  { axes, surface }: Pick<Tuned, 'axes' | 'surface'>,
  measure: keyof Measures,
): Sensitivity[] {
  const known = surface.flatMap(({ params, measures }) => (measures ? [{ params, value: measures[measure] }] : []));
  if (known.length === 0) return [];
  return Object.entries(axes).map(([name, axis]) => {
    const count = cellsOf(axis, THIRDS);
    const groups = Array.from({ length: count }, (_, k) => {
      const values = known.flatMap(({ params, value }) => (cellAt(axis, params[name], count) === k ? [value] : []));
      return { ...endsOf(axis, k, count), median: values.length > 0 ? median(values) : null };
    });
    return { name, groups };
  });
}

function endsOf(axis: Axis, cell: number, count: number): { from: number; to: number } {
  if (axis.kind === 'choice') return { from: axis.values[cell], to: axis.values[cell] };
  return { from: valueAt(axis, cell / count), to: valueAt(axis, (cell + 1) / count) };
}
