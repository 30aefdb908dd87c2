import type { SimulationResult, TradeColumns } from '../../src/backtest/contract.ts';
import { DAY } from '../../src/market/bars.ts';

/** Closed trades from rows `[side, entry price, exit price, quantity, profit, hours held]`. */
export function tradesOf(rows: readonly (readonly number[])[]): TradeColumns {
  const column = (k: number) => Float64Array.from(rows, (row) => row[k]);
  const entryTime = Float64Array.from(rows, (_, i) => i * DAY);
  return {
    length: rows.length,
    symbol: new Uint8Array(rows.length),
    side: Int8Array.from(rows, (row) => row[0]),
    entryTime,
    exitTime: entryTime.map((time, i) => time + rows[i][5] * 3_600_000),
    entryPrice: column(1),
    exitPrice: column(2),
    quantity: column(3),
    profit: column(4),
  };
}

/** A result with this daily equity; everything that is not given is empty or 0. */
export function resultWith(dayEquity: readonly number[], changes: Partial<SimulationResult> = {}): SimulationResult {
  return {
    scenario: 'base',
    params: {},
    cash: 100,
    finalEquity: dayEquity.at(-1) ?? 100,
    days: Float64Array.from(dayEquity, (_, i) => i * DAY),
    dayEquity: Float64Array.from(dayEquity),
    dayBenchmark: Float64Array.from(dayEquity, () => 1),
    dayVariation: Float64Array.from(dayEquity, () => 0),
    benchmarkVariation: Float64Array.from(dayEquity, () => 0),
    trades: tradesOf([]),
    maxDrawdown: 0,
    underwaterMs: 0,
    adverse: 0,
    roundTrips: 0,
    bars: 1440 * dayEquity.length,
    barsInPosition: 0,
    meanExposure: 0,
    traded: 0,
    fees: 0,
    slippage: 0,
    funding: 0,
    decisions: 0,
    fillCount: 0,
    refused: 0,
    ruined: false,
    equityFingerprint: '',
    ...changes,
  };
}
