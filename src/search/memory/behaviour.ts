import type { TrialRecord } from './records.ts';

/** Bin edges of the archive of behaviour: how a strategy trades, whatever its code looks like. */
const AXES = [
  { metric: 'holdingHours', edges: [6, 72], words: ['hold < 6 h', 'hold 6-72 h', 'hold > 72 h'], size: false },
  {
    metric: 'turnover',
    edges: [20, 200],
    words: ['turnover < 20/y', 'turnover 20-200/y', 'turnover > 200/y'],
    size: false,
  },
  { metric: 'beta', edges: [0.1, 0.5], words: ['market-neutral', 'some beta', 'market-like'], size: true },
] as const;

/** Number of cells: three bins on each of three axes. */
export const CELLS = 27;

/** Cell 0..26 of a trial's behaviour (holding time x yearly turnover x size of beta), or null when a number is missing. */
export function cellOf(metrics: TrialRecord['metrics']): number | null {
  let cell = 0;
  for (const { metric, edges, size } of AXES) {
    const value = metrics[metric];
    if (typeof value !== 'number' || !Number.isFinite(value)) return null;
    const place = size ? Math.abs(value) : value;
    cell = cell * 3 + (place < edges[0] ? 0 : place < edges[1] ? 1 : 2);
  }
  return cell;
}

/** `hold 6-72 h, turnover < 20/y, market-neutral` */
export function describeCell(cell: number): string {
  return [Math.floor(cell / 9), Math.floor(cell / 3) % 3, cell % 3]
    .map((bin, axis) => AXES[axis].words[bin])
    .join(', ');
}

/** Empty cells one step from a cell with trials. Cells further away may be impossible, such as holding for a week and turning over daily. */
export function thinCells(cells: ReadonlyMap<number, number>): number[] {
  const all = Array.from({ length: CELLS }, (_, cell) => cell);
  return all.filter(
    (cell) => !cells.has(cell) && all.some((other) => cells.has(other) && stepsBetween(cell, other) === 1),
  );
}

function stepsBetween(a: number, b: number): number {
  const bins = (cell: number) => [Math.floor(cell / 9), Math.floor(cell / 3) % 3, cell % 3];
  const [x, y] = [bins(a), bins(b)];
  return x.reduce((sum, bin, axis) => sum + Math.abs(bin - y[axis]), 0);
}
