import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulationRequest, SimulationResult } from '../../src/backtest/contract.ts';
import { gaussian, seededRandom } from '../../src/base/random.ts';
import { type GatesConfig, parseGatesConfig } from '../../src/gates/config.ts';
import type { DailySeries } from '../../src/gates/evidence.ts';
import { inTurn } from '../../src/gates/workbench/spread.ts';
import type { WindowName, Workbench } from '../../src/gates/workbench/workbench.ts';
import { DAY } from '../../src/market/bars.ts';

/** The shipped gates with some keys replaced, section by section. */
export function shippedGates(changes: { [K in keyof GatesConfig]?: Partial<GatesConfig[K]> } = {}): GatesConfig {
  const path = join(import.meta.dirname, '../../config/gates.yaml');
  const config = parseGatesConfig(readFileSync(path, 'utf8'), 'gates.yaml');
  const merged: Record<string, unknown> = { ...config };
  for (const [key, value] of Object.entries(changes)) {
    const own = merged[key];
    merged[key] = Array.isArray(own) ? value : { ...(own as object), ...(value as object) };
  }
  return merged as GatesConfig;
}

/** Daily returns with a given annual Sharpe ratio in expectation and 40% annual volatility. */
export function dailyReturns(days: number, annualSharpe: number, seed: number | string): Float64Array {
  const random = seededRandom(seed);
  const deviation = 0.4 / Math.sqrt(365);
  const mean = (annualSharpe * deviation) / Math.sqrt(365);
  return Float64Array.from({ length: days }, () => mean + deviation * gaussian(random));
}

/** A simulation whose equity has these daily returns; 60 trades, half invested, no fees. */
export function resultOf(
  returns: Float64Array,
  changes: Partial<SimulationResult> = {},
  benchmark: Float64Array = dailyReturns(returns.length, 0, 'benchmark'),
): SimulationResult {
  const trades = 60;
  const levels = (values: Float64Array, start: number) => {
    let level = start;
    return values.map((value) => {
      level *= 1 + value;
      return level;
    });
  };
  const dayEquity = levels(returns, 10_000);
  const profit = Float64Array.from({ length: trades }, (_, i) => (i % 3 === 0 ? -50 : 60));
  return {
    scenario: 'base',
    params: {},
    cash: 10_000,
    finalEquity: dayEquity.at(-1) ?? 10_000,
    days: Float64Array.from(returns, (_, i) => i * DAY),
    dayEquity,
    dayBenchmark: levels(benchmark, 1),
    dayVariation: returns.map((value) => 0.5 * value * value),
    benchmarkVariation: benchmark.map((value) => value * value),
    trades: {
      length: trades,
      symbol: new Uint8Array(trades),
      side: new Int8Array(trades).fill(1),
      entryTime: Float64Array.from({ length: trades }, (_, i) => i * DAY),
      exitTime: Float64Array.from({ length: trades }, (_, i) => i * DAY + DAY / 2),
      entryPrice: new Float64Array(trades).fill(100),
      exitPrice: Float64Array.from(profit, (value) => 100 + value / 10),
      quantity: new Float64Array(trades).fill(10),
      profit,
    },
    maxDrawdown: 0.2,
    underwaterMs: 30 * DAY,
    adverse: 0.05,
    roundTrips: trades,
    bars: returns.length * 1440,
    barsInPosition: returns.length * 720,
    meanExposure: 0.5,
    traded: 100_000,
    fees: 0,
    slippage: 0,
    funding: 0,
    decisions: returns.length * 24,
    fillCount: trades * 2,
    refused: 0,
    ruined: false,
    equityFingerprint: `${returns[0]}-${returns.at(-1)}`,
    ...changes,
  };
}

/** Daily series without risk inside the day. */
export function daily(returns: Float64Array, benchmark: Float64Array): DailySeries {
  const squared = (values: Float64Array, share = 1) => values.map((value) => share * value * value);
  return { returns, benchmark, variation: squared(returns, 0.5), benchmarkVariation: squared(benchmark) };
}

/** A workbench that answers from functions, and counts what it was asked. */
export function cannedWorkbench(
  play: (window: WindowName, request: SimulationRequest) => SimulationResult,
  changes: Partial<Workbench> = {},
): Workbench & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    folds: 1,
    ...inTurn(async (requests) => ({ ok: true, value: requests.map((request) => play('train', request)) })),
    simulate: async (window, requests) => {
      for (const { scenario } of requests) asked.push(`${window === 'train' ? 'train' : 'selection'}:${scenario.name}`);
      return { ok: true, value: requests.map((request) => play(window, request)) };
    },
    surrogates: async (requests) => ({
      ok: true,
      value: requests.map((request) => {
        const { surrogate } = request;
        if (surrogate!.noise) return play('train', request);
        return resultOf(dailyReturns(1460, 0, `surrogate ${surrogate!.drift} ${surrogate!.index}`));
      }),
    }),
    audit: async () => ({ ok: true, value: { cuts: 20, compared: 100, leak: null } }),
    close: async () => {},
    ...changes,
  };
}
