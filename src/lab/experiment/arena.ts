import type { EngineMarket } from '../../backtest/market.ts';
import type { GatesConfig } from '../../gates/config.ts';
import type { Stage } from '../../gates/verdict.ts';
import { type Bars, barsBetween, DAY, type Range } from '../../market/bars.ts';
import { simulateMarket } from '../../market/simulate.ts';
import type { SearchSpace } from '../../search/proposers/space.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import type { ArenaWindows, Played } from './workbench.ts';

/** A search space with the strategy to play. Trusted code of the shipped library: it runs in this process. */
export interface ArenaSpace extends SearchSpace {
  readonly definition: StrategyDefinition;
}

/** Where searches are measured: a simulated market with planted edges, the production gates, the library's spaces. */
export interface Arena {
  readonly windows: ArenaWindows;
  readonly market: EngineMarket;
  readonly gates: GatesConfig;
  readonly spaces: readonly ArenaSpace[];
  /** Simulations played on this market so far, by what was asked. */
  readonly played: Played;
  /** What a perfect player of each planted edge made, annual and before costs. */
  readonly oracles: Readonly<Record<string, number>>;
}

export const PLANTED = ['momentum', 'reversion', 'post-jump'] as const;

/**
 * Annual Sharpe of each edge's oracle, before costs, chosen so that the library's best players of each edge, alone on the
 * market and after costs, make about 2: the reversion trades most and pays most.
 */
const STRENGTH: Readonly<Record<(typeof PLANTED)[number], number>> = {
  momentum: 5.5,
  reversion: 11.5,
  'post-jump': 3.5,
};

/** Stages that the arena leaves out: they cost most simulations, and of candidates that come to them they stop few. */
const UNASKED: Stage[] = ['causality', 'smoke', 'stress', 'neighbours', 'null'];

const START = Date.UTC(2015, 0, 1);

/** Costs of a liquid perpetual; the shares of a 1-minute bar mean nothing on hourly bars and are off. */
const MARKET: EngineMarket = {
  cash: 100_000,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: {
    SIM: {
      kind: 'perpetual',
      makerBps: 1,
      takerBps: 3,
      slippageBps: 1,
      rangeShare: 0,
      participation: 0,
      tick: 0.01,
      lot: 0.00000001,
      minNotional: 0,
      fundingBps: 0,
    },
  },
};

/** Two years of train, one of selection in four folds: half of what costs half as much to play. */
function windowsOf(bars: Bars): ArenaWindows {
  const from = START + WARMUP_DAYS * DAY;
  const train = { from, to: from + TRAIN_DAYS * DAY };
  const first = train.to + EMBARGO_DAYS * DAY;
  const folds = [0, 1, 2, 3].map((i) => ({ from: first + i * FOLD_DAYS * DAY, to: first + (i + 1) * FOLD_DAYS * DAY }));
  const cut = (range: Range) => ({
    symbol: 'SIM',
    bars: barsBetween(bars, range.from - WARMUP_DAYS * DAY, range.to),
    range,
  });
  return { train: cut(train), folds: folds.map(cut) };
}

const WARMUP_DAYS = 60;
const TRAIN_DAYS = 731;
const EMBARGO_DAYS = 7;
const FOLD_DAYS = 91;
const MARKET_DAYS = WARMUP_DAYS + TRAIN_DAYS + EMBARGO_DAYS + 4 * FOLD_DAYS + 1;

/** A market of hourly bars with three edges of `strength` times their usual size. */
export function openArena(seed: number, strength: number, gates: GatesConfig, spaces: readonly ArenaSpace[]): Arena {
  const { bars, edges } = simulateMarket({
    seed: `arena/${seed}`,
    minutes: MARKET_DAYS * 1440,
    barMinutes: 60,
    start: START,
    gapsPerYear: 0,
    edges: PLANTED.map((kind) => ({ kind, annualSharpe: strength * STRENGTH[kind] })),
  });
  const windows = windowsOf(bars);
  const oracles = Object.fromEntries(edges.map(({ kind, oracleSharpe }) => [kind, oracleSharpe]));
  // The delay is counted in bars of the series: one of these is an hour, which would be another test than the one meant.
  const stress = { ...gates.stress, delayBars: 0 };
  const surrogates = { ...gates.surrogates, held: 0 };
  return {
    windows,
    market: MARKET,
    gates: { ...gates, stress, surrogates, off: UNASKED },
    spaces,
    played: new Map(),
    oracles,
  };
}
