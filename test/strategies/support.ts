import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { SimulationRequest } from '../../src/backtest/contract.ts';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket } from '../../src/backtest/market.ts';
import { DecisionLog } from '../../src/backtest/orders/decisions.ts';
// Leads the library's import of ralph/strategy to the checkout.
import '../../src/lab/calibrate/search/spaces.ts';
import { type Bars, MINUTE } from '../../src/market/bars.ts';
import type { CandidateFiles } from '../../src/strategy/candidate.ts';
import type { StrategyDefinition } from '../../src/strategy/definition.ts';

const FOLDER = new URL('../../strategies/library/', import.meta.url);

/** Names of the shipped strategies, without their ending. */
export const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();

export interface Space {
  readonly family: string;
  readonly params: Readonly<Record<string, readonly number[]>>;
}

export const SPACES: Readonly<Record<string, Space>> = parse(text('spaces.yaml'));

/** A file of the library as text. */
export function text(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

export function filesOf(name: string): CandidateFiles {
  return { name, source: text(`${name}.ts`), yaml: text(`${name}.yaml`) };
}

export async function load(name: string): Promise<StrategyDefinition> {
  const module: { default: StrategyDefinition } = await import(new URL(`${name}.ts`, FOLDER).href);
  return module.default;
}

/** Fees, slippage and rounding as config/market.yaml has them by default, one symbol. */
const MARKET: EngineMarket = {
  cash: 1_000_000,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: {
    BTCUSD: {
      kind: 'perpetual',
      makerBps: 5,
      takerBps: 10,
      slippageBps: 1,
      rangeShare: 0.05,
      participation: 0,
      tick: 0.01,
      lot: 1e-8,
      minNotional: 0,
    },
  },
};

const REQUEST: SimulationRequest = {
  params: {},
  scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
  detail: 'full',
};

/** Plays a strategy over all of the bars, and what it decided. */
export function play(strategy: StrategyDefinition, bars: Bars, params: Readonly<Record<string, number>> = {}) {
  const decisions = new DecisionLog();
  const range = { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE };
  const result = simulate(strategy, [{ symbol: 'BTCUSD', bars, range }], { ...REQUEST, params }, MARKET, { decisions });
  return { result, decisions };
}

/** The bars before an index, and after it those of another market, brought to the price at the cut. */
export function withFuture(bars: Bars, cut: number, other: Bars): Bars {
  const scale = bars.close[cut - 1] / other.open[cut];
  const join = (key: 'open' | 'high' | 'low' | 'close') =>
    bars[key].map((value, i) => (i < cut ? value : other[key][i] * scale));
  const volume = bars.volume.map((value, i) => (i < cut ? value : other.volume[i]));
  return {
    length: bars.length,
    time: bars.time,
    open: join('open'),
    high: join('high'),
    low: join('low'),
    close: join('close'),
    volume,
  };
}

export function firstBars(bars: Bars, length: number): Bars {
  const { time, open, high, low, close, volume } = bars;
  const cut = (column: Float64Array) => column.slice(0, length);
  return {
    length,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}
