import { median } from '../../base/numbers.ts';
import { type Axes, type Axis, shareOf, sizeOf, valueAt } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { Tried } from './plateau.ts';
import type { Tuned } from './tuned.ts';

/** Cells along a range. */
const MOST_CELLS = 6;

/** What the tuner saw over the two parameters that move the score most. For people: a session that sees it would have to pay for every point. */
export interface Surface {
  readonly sides: readonly [down: SurfaceSide, across: SurfaceSide];
  /** Row by row the median in-sample Sharpe ratio (annual) of the points in a cell; null where none was tried or none traded. */
  readonly values: readonly (number | null)[];
  /** Which parts of train were traded with a point of the cell, from 1. */
  readonly picked: readonly (readonly number[])[];
}

interface SurfaceSide {
  readonly name: string;
  /** The middle of each cell. */
  readonly values: readonly (number | string)[];
}

/** The points of a tuned trial as cells; null where no point has a score. A candidate with one range gets a single row. */
export function surfaceOf({ axes, surface, steps }: Tuned): Surface | null {
  const scored = surface.filter(({ score }) => score !== null);
  if (scored.length === 0) return null;
  const [first, second] = byEffect(axes, scored);
  const down = second ? sideOf(axes, second) : { name: 'all', values: ['all'], cell: () => 0 };
  const across = sideOf(axes, first);
  const cells = down.values.length * across.values.length;
  const cellOf = (params: Params) => down.cell(params) * across.values.length + across.cell(params);
  const inCells = Array.from({ length: cells }, (): number[] => []);
  for (const { params, sharpe } of scored) if (sharpe !== null) inCells[cellOf(params)].push(sharpe);
  return {
    sides: [
      { name: down.name, values: down.values },
      { name: across.name, values: across.values },
    ],
    values: inCells.map((sharpes) => (sharpes.length > 0 ? median(sharpes) : null)),
    picked: inCells.map((_, cell) => steps.flatMap(({ params }, k) => (cellOf(params) === cell ? [k + 1] : []))),
  };
}

/** Parameters by how much of the score's ranks they explain, largest first. */
function byEffect(axes: Axes, scored: readonly Tried[]): string[] {
  const order = [...scored.keys()].sort((a, b) => scored[a].score! - scored[b].score!);
  const rank = new Map(order.map((index, place) => [index, place]));
  const middle = (scored.length - 1) / 2;
  const effect = (name: string) => {
    const { cell } = sideOf(axes, name, 3);
    const groups = Map.groupBy(scored.keys(), (index) => cell(scored[index].params));
    return [...groups.values()].reduce((sum, group) => {
      const mean = group.reduce((total, index) => total + rank.get(index)!, 0) / group.length;
      return sum + group.length * (mean - middle) ** 2;
    }, 0);
  };
  const effects = Object.keys(axes).map((name) => [name, effect(name)] as const);
  return effects.toSorted(([, a], [, b]) => b - a).map(([name]) => name);
}

function sideOf(axes: Axes, name: string, most = MOST_CELLS) {
  const axis = axes[name];
  const count = cellsOf(axis, most);
  return {
    name,
    values: Array.from({ length: count }, (_, k) => valueAt(axis, (k + 0.5) / count)),
    cell: (params: Params) => cellAt(axis, params[name], count),
  };
}

/** Into how many cells an axis is cut: one for each value of a choice or a short range. */
export function cellsOf(axis: Axis, most: number): number {
  return axis.kind === 'choice' ? axis.values.length : Math.min(most, sizeOf(axis));
}

/** The cell of a value, from 0. */
export function cellAt(axis: Axis, value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(shareOf(axis, value) * count)));
}
