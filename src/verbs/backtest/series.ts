import type { SimulationResult } from '../../backtest/contract.ts';
import { isoDay } from '../../base/numbers.ts';
import { dailyReturns } from '../../metrics/metrics.ts';
import { writeOutput } from '../output.ts';

/** One column of a series: texts, numbers, or times in epoch ms; `day` is a time at midnight. */
interface Column {
  readonly name: string;
  readonly type: 'text' | 'number' | 'time' | 'day';
  readonly values: ArrayLike<string | number>;
}

/** Closed trades, one a row; `symbols` are those of the candidate, in its order. */
export function tradesOf({ trades }: SimulationResult, symbols: readonly string[]): Column[] {
  const { entryTime, exitTime, entryPrice, exitPrice, quantity, profit } = trades;
  return [
    { name: 'symbol', type: 'text', values: Array.from(trades.symbol, (s) => symbols[s]) },
    { name: 'side', type: 'text', values: Array.from(trades.side, (side) => (side > 0 ? 'long' : 'short')) },
    { name: 'entry', type: 'time', values: entryTime },
    { name: 'exit', type: 'time', values: exitTime },
    { name: 'entry_price', type: 'number', values: entryPrice },
    { name: 'exit_price', type: 'number', values: exitPrice },
    { name: 'quantity', type: 'number', values: quantity },
    { name: 'profit', type: 'number', values: profit },
  ];
}

/** A day and a fraction a row, under the name of the candidate: pandas and QuantStats read it as a series. */
export function returnsOf(result: SimulationResult, name: string): Column[] {
  return [
    { name: 'date', type: 'day', values: result.days },
    { name, type: 'number', values: dailyReturns(result) },
  ];
}

/** A day, the equity at its end and what the benchmark would have made of the same cash a row, quote money. */
export function equityOf({ days, cash, dayEquity, dayBenchmark }: SimulationResult): Column[] {
  return [
    { name: 'date', type: 'day', values: days },
    { name: 'equity', type: 'number', values: dayEquity },
    { name: 'benchmark', type: 'number', values: dayBenchmark.map((level) => level * cash) },
  ];
}

/** Writes a series as Parquet where the file's name ends so, else as CSV. Times of Parquet are timestamps in UTC. */
export async function writeSeries(path: string, columns: readonly Column[]): Promise<void> {
  writeOutput(path, /\.parquet$/i.test(path) ? await parquetOf(columns) : csvOf(columns));
}

const PARQUET = { text: 'STRING', number: 'DOUBLE', time: 'TIMESTAMP', day: 'TIMESTAMP' } as const;

async function parquetOf(columns: readonly Column[]): Promise<Uint8Array> {
  // Few backtests want it, and every start would read it.
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map(({ name, type, values }) => ({
    name,
    type: PARQUET[type],
    data: type === 'time' || type === 'day' ? Array.from(values, (time) => new Date(time)) : Array.from(values),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** A series as CSV: days as dates, times in ISO 8601. */
export function csvOf(columns: readonly Column[]): string {
  const shown = columns.map(({ type, values }) => {
    if (type === 'day') return Array.from(values, (time) => isoDay(Number(time)));
    return type === 'time' ? Array.from(values, (time) => new Date(time).toISOString()) : Array.from(values);
  });
  const rows = Array.from(shown[0], (_, i) => shown.map((column) => column[i]));
  const head = columns.map(({ name }) => name);
  return csv(head, rows);
}

/** Lines of a CSV file, quoted where it needs to be. */
export function csv(head: readonly string[], rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const cell = (value: string | number | boolean | null) => {
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}
