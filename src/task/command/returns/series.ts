import { isoDay } from '../../../base/numbers.ts';
import { DAY, type Range } from '../../../market/bars.ts';
import { BadTable, readTable } from './table.ts';

/** Returns of a window by the day, compounded from what a file says. */
export interface Played {
  readonly returns: Float64Array;
  /** Sum of the squared returns of each day, their mean taken off. */
  readonly variation: Float64Array;
  /** Deepest fall from a peak, by the rows of the file; 1 after ruin. */
  readonly drawdown: number;
  readonly ruined: boolean;
}

/**
 * Reads `time,return` rows (fractions, daily or finer) as the days of a window. Rows before it are warm-up and count for nothing; a row behind it,
 * a value that is no number, or times out of order throw BadTable.
 */
export function readReturns(text: string, name: string, { from, to }: Range): Played {
  const { times, rows } = readTable(text, name);
  const days = (to - from) / DAY;
  const [growth, variation] = [new Float64Array(days).fill(1), new Float64Array(days)];
  const within: (readonly [day: number, value: number])[] = [];
  let [equity, peak, drawdown] = [1, 1, 0];
  for (const [i, time] of times.entries()) {
    const cell = rows[i][1]?.trim() ?? '';
    const value = Number(cell || Number.NaN);
    if (!Number.isFinite(value))
      throw new BadTable(
        `${name} row ${i + 1}: expected a return such as 0.0012, got ${JSON.stringify(cell.slice(0, 40))}`,
      );
    if (time >= to)
      throw new BadTable(
        `${name} row ${i + 1} lies at ${isoDay(time)}: the window ends before ${isoDay(to)} (RALPH_TO, not included)`,
      );
    if (time < from) continue;
    const day = Math.floor((time - from) / DAY);
    within.push([day, value]);
    growth[day] *= Math.max(0, 1 + value);
    equity *= Math.max(0, 1 + value);
    peak = Math.max(peak, equity);
    drawdown = Math.max(drawdown, 1 - equity / peak);
  }
  if (within.length === 0)
    throw new BadTable(`${name} has no row from ${isoDay(from)} (RALPH_FROM) to before ${isoDay(to)} (RALPH_TO)`);
  spread(within, variation);
  return { returns: growth.map((each) => each - 1), variation, drawdown, ruined: !(equity > 0) };
}

/** Adds the squares of changes to their days. The mean is taken off, so that a steady gain is no variation. */
export function spread(changes: readonly (readonly [day: number, value: number])[], variation: Float64Array): void {
  const mean = changes.reduce((sum, [, value]) => sum + value, 0) / changes.length;
  for (const [day, value] of changes) variation[day] += (value - mean) ** 2;
}

/** How many different returns other than 0 there are: a constant is no strategy. */
export function differentReturns(returns: Float64Array): number {
  const shown = [...returns].flatMap((value) => (Math.abs(value) > 1e-12 ? [value.toPrecision(9)] : []));
  return new Set(shown).size;
}
