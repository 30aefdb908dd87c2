import type { SimulationResult } from '../../backtest/contract.ts';
import { isoDay } from '../../market/windows.ts';
import { dailyReturns } from '../../metrics/metrics.ts';

/** Closed trades as CSV, one a line; `symbols` are those of the candidate, in its order. */
export function tradesCsv({ trades }: SimulationResult, symbols: readonly string[]): string {
  const rows = Array.from({ length: trades.length }, (_, i) => [
    symbols[trades.symbol[i]],
    trades.side[i] > 0 ? 'long' : 'short',
    iso(trades.entryTime[i]),
    iso(trades.exitTime[i]),
    ...[trades.entryPrice[i], trades.exitPrice[i], trades.quantity[i], trades.profit[i]],
  ]);
  return csv(['symbol', 'side', 'entry', 'exit', 'entry_price', 'exit_price', 'quantity', 'profit'], rows);
}

/** A date and a fraction a line, under the name of the candidate: pandas and QuantStats read it as a series. */
export function returnsCsv(result: SimulationResult, name: string): string {
  return csv(
    ['date', name],
    Array.from(dailyReturns(result), (value, day) => [isoDay(result.days[day]), value]),
  );
}

/** A date, the equity at its end and that of the benchmark a line, quote money. */
export function equityCsv(result: SimulationResult): string {
  const rows = Array.from(result.days, (day, i) => [isoDay(day), result.dayEquity[i], result.dayBenchmark[i]]);
  return csv(['date', 'equity', 'benchmark'], rows);
}

/** Lines of a CSV file, quoted where it needs to be. */
export function csv(head: readonly string[], rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const cell = (value: string | number | boolean | null) => {
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
