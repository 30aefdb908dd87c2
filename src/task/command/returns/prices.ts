import { firstIndex } from '../../../base/numbers.ts';
import { DAY, type Range } from '../../../market/bars.ts';
import { spread } from './series.ts';
import { BadTable, readTable, type Table, textOf } from './table.ts';

/** A price file of the project. */
export interface Prices extends Table {
  /** Price of each row, positive. */
  readonly price: readonly number[];
}

/** Throws BadTable for a file without that column, or with a price that is no positive number. */
export function readPrices(text: string, name: string, column: string): Prices {
  const table = readTable(text, name);
  const at = table.head?.indexOf(column.toLowerCase()) ?? -1;
  if (at < 0)
    throw new BadTable(
      `${name} has no column "${column}"${table.head ? `; its columns are ${table.head.join(', ')}` : ': its first line must name the columns'}. Name the price in returns.price.`,
    );
  if (table.rows.length === 0) throw new BadTable(`${name} has no rows`);
  const price = table.rows.map((row, i) => {
    const value = Number(row[at] || Number.NaN);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new BadTable(`${name} row ${i + 1}: expected a positive price in ${column}, got ${JSON.stringify(row[at])}`);
  });
  return { ...table, price };
}

/** What a command may see before a time: everything earlier. */
export function before(prices: Prices, time: number): string {
  const end = firstIndex(prices.rows.length, (at) => prices.times[at] >= time);
  return textOf(prices, prices.rows.slice(0, end));
}

/**
 * The rows before `end`, with another future after the time `cut`: prices run on as in a mirror (each change turned round), other numbers come in
 * the reverse order. As many rows at the same times: nothing tells a program that this is not what happened.
 */
export function mirrored(prices: Prices, cut: number, end: number): string {
  const { times, rows, price } = prices;
  const from = firstIndex(rows.length, (at) => times[at] > cut);
  const to = firstIndex(rows.length, (at) => times[at] >= end);
  const middle = price[Math.max(0, from - 1)];
  const tail = rows.slice(from, to).map((row, k) => {
    const at = from + k;
    const scale = (middle / price[at]) ** 2;
    const other = rows[to - 1 - k];
    return row.map((cell, column) => {
      if (column === 0) return cell;
      const value = Number(cell || Number.NaN);
      const isPrice = value > price[at] / 2 && value < price[at] * 2;
      return isPrice ? String(value * scale) : (other[column] ?? cell);
    });
  });
  return textOf(prices, [...rows.slice(0, from), ...tail]);
}

/** Returns and quadratic variations of each day of a range, buying and holding; 0 on a day without a price. */
export function heldOver(prices: Prices, { from, to }: Range): { returns: Float64Array; variation: Float64Array } {
  const days = (to - from) / DAY;
  const [returns, variation] = [new Float64Array(days), new Float64Array(days)];
  const growth = new Float64Array(days).fill(1);
  const changes: (readonly [day: number, value: number])[] = [];
  for (const [i, time] of prices.times.entries()) {
    if (i === 0 || time < from || time >= to) continue;
    const day = Math.floor((time - from) / DAY);
    const change = prices.price[i] / prices.price[i - 1] - 1;
    growth[day] *= 1 + change;
    changes.push([day, change]);
  }
  spread(changes, variation);
  for (let day = 0; day < days; day++) returns[day] = growth[day] - 1;
  return { returns, variation };
}
