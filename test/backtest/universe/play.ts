import assert from 'node:assert/strict';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import type { BookLimits, EngineMarket, Members, SymbolCosts } from '../../../src/backtest/market.ts';
import { type Bars, MINUTE, type Timeframe } from '../../../src/market/bars.ts';
import { defineStrategy } from '../../../src/strategy/definition.ts';
import { roc } from '../../../src/strategy/indicators/index.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { barsOf, NEUTRAL, unitMarket } from '../support.ts';

export const START = Date.UTC(2020, 0, 1);

interface Options {
  readonly costs?: Partial<SymbolCosts>;
  readonly cash?: number;
  readonly limits?: BookLimits;
  readonly members?: Members;
  readonly timeframe?: Timeframe;
  readonly anonymous?: boolean;
  /** As market.yaml says it of every strategy. */
  readonly allAnonymous?: boolean;
  readonly calendar?: 'none';
}

function marketOf(
  symbols: readonly string[],
  { costs = {}, cash = 1000, limits, members, allAnonymous }: Options,
): EngineMarket {
  const market = {
    ...unitMarket({ kind: 'perpetual', ...costs }, cash, [...symbols]),
    ...(limits && { limits }),
    ...(members && { members }),
    ...(allAnonymous && { anonymous: true }),
  };
  return { ...market, sizing: { mode: 'fraction', fraction: 1 } };
}

export function play(
  bars: Readonly<Record<string, Bars>>,
  decide: (now: UniverseNow<{ speed: never }>) => void,
  options: Options = {},
): SimulationResult {
  const { timeframe = '1m', anonymous, calendar } = options;
  const ends = Object.values(bars).map(({ time, length }) => (time[length - 1] ?? START) + MINUTE);
  const range = { from: START, to: Math.max(...ends) };
  const strategy = defineStrategy({
    ...{
      family: 'universe',
      hypothesis: 'none',
      timeframe,
      params: {},
      warmup: 1,
      universe: true,
      anonymous,
      calendar,
    },
    indicators: ({ close }) => ({ speed: roc(close, 3) }),
    decide: decide as never,
  });
  const data = Object.entries(bars).map(([symbol, each]) => ({ symbol, bars: each, range }));
  return simulate(strategy, data, NEUTRAL, marketOf(Object.keys(bars), options));
}

export const rows = (...prices: (number | null)[]) =>
  barsOf(
    prices.map((price) => (price === null ? null : [price, price, price, price])),
    START,
  );
export const halves = (now: UniverseNow<{ speed: never }>) => {
  for (const symbol of now.symbols) symbol.target(0.5);
};

/** In the order of time and name: which of two fills of a minute came first changes with the minute. */
export const fillsOf = ({ fills }: SimulationResult) =>
  fills!
    .toSorted((a, b) => a.time - b.time || (a.symbol < b.symbol ? -1 : 1))
    .map(({ symbol, time, quantity, price }) => [symbol, (time - START) / MINUTE, quantity, price]);

export function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} and ${b}`);
}
