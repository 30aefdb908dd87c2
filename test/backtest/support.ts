import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SimulationRequest, SimulationResult } from '../../src/backtest/contract.ts';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket, SymbolCosts } from '../../src/backtest/market.ts';
import { type Bars, MINUTE } from '../../src/market/bars.ts';
import type { StrategyDefinition } from '../../src/strategy/definition.ts';

/** A market without any cost or rule: what a case does not name does not act. */
const FREE: SymbolCosts = {
  kind: 'spot',
  makerBps: 0,
  takerBps: 0,
  slippageBps: 0,
  rangeShare: 0,
  participation: 0,
  tick: 0,
  lot: 0,
  minNotional: 0,
};

export const NEUTRAL: SimulationRequest = {
  params: {},
  scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
  detail: 'full',
};

/** One unit a weight, and enough cash for it. */
export function unitMarket(costs: Partial<SymbolCosts> = {}, cash = 10_000_000, symbols = ['X']): EngineMarket {
  return {
    cash,
    sizing: { mode: 'units', units: 1 },
    symbols: Object.fromEntries(symbols.map((symbol) => [symbol, { ...FREE, ...costs }])),
  };
}

/** Bars from `open high low close [volume]` rows, one a minute from `start`; null leaves a minute out. */
export function barsOf(rows: readonly (readonly number[] | null)[], start = Date.UTC(2020, 0, 1)): Bars {
  const kept = rows.flatMap((row, i) => (row === null ? [] : [[start + i * MINUTE, ...row]]));
  const column = (index: number, absent = Number.NaN) => Float64Array.from(kept, (row) => row[index] ?? absent);
  return {
    length: kept.length,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5, 1000),
  };
}

export function windowOf(bars: Bars, symbol = 'X') {
  return { symbol, bars, range: { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE } };
}

export function play(
  strategy: StrategyDefinition,
  rows: readonly (readonly number[] | null)[],
  market: EngineMarket = unitMarket(),
  request: Partial<SimulationRequest> = {},
): SimulationResult {
  return simulate(strategy, [windowOf(barsOf(rows))], { ...NEUTRAL, ...request }, market);
}

/** Reads a gzipped file of real candles: no header, columns time (epoch ms), open, close, high, low, volume. */
export function readCandles(path: string): Bars {
  const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const columns = Array.from({ length: 6 }, () => new Float64Array(rows.length));
  for (let i = 0; i < rows.length; i++) {
    const cells = rows[i].split(',');
    for (let c = 0; c < 6; c++) columns[c][i] = Number(cells[c]);
  }
  const [time, open, close, high, low, volume] = columns;
  return { length: rows.length, time, open, high, low, close, volume };
}

/** When the bar closed, epoch ms UTC. The engine shows it to trusted code only, so that the contract has no name for it. */
export function timeOf(now: object): number {
  return (now as { time: number }).time;
}
