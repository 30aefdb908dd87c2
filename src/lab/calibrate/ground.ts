import type { EngineMarket, SymbolCosts } from '../../backtest/market.ts';
import { seededRandom } from '../../base/random.ts';
import { type Bars, DAY } from '../../market/bars.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { dailyGround } from './daily.ts';
import { type Experiment, PLANTED } from './experiments.ts';
import { flipMinutes, permuteBlocks } from './markets/real.ts';
import { strengthFor } from './markets/strengths.ts';
import { CROSS_KINDS, simulateTogether } from './markets/together.ts';
import { type MemoryWindows, memoryGround } from './search/memory-workbench.ts';
import type { Ground } from './search/search.ts';
import { type CalibrationRanges, MARKET_DAYS, standardRanges, windowsOf } from './search/windows.ts';

/** Whether an experiment plays several symbols at once. */
export function isCross({ market }: Experiment): boolean {
  return market.startsWith('cross-');
}

/** Bars of the real market and the windows to judge them on; null when there are none here. */
export type RealMarket = {
  readonly bars: Bars;
  readonly ranges: CalibrationRanges;
  /** Real tapes bounce between bid and ask, which nobody can trade at a simulated market's costs: the configured costs of the symbol. */
  readonly costs: SymbolCosts;
} | null;

/** Real bars a block: one to two hours of that time. */
const PERMUTED_BLOCK = 60;

/** What one search is played on; every search has its own seed and its own path. Simulations can be played again for nothing. */
export function groundOf(experiment: Experiment, index: number, real: RealMarket): Ground {
  if (experiment.market === 'daily') return dailyGround(experiment, index);
  const kind = kindOf(experiment, index, real);
  const onReal = kind === 'real' || kind === 'permuted' || kind === 'flipped';
  const { windows } = marketOf(experiment, index, kind, real);
  return memoryGround(windows, onReal && real ? calibrationMarket(real.costs) : calibrationMarket());
}

type Kind = Exclude<Experiment['market'], 'noises'> | 'flipped';
const NOISES: readonly Kind[] = ['noise', 'flipped', 'permuted'];

function kindOf({ market }: Experiment, index: number, real: RealMarket): Kind {
  if (market !== 'noises') return market;
  return real === null ? 'noise' : NOISES[index % NOISES.length];
}

function marketOf(experiment: Experiment, index: number, kind: Kind, real: RealMarket): { windows: MemoryWindows } {
  const seed = `${experiment.markets ?? experiment.name} ${index}`;
  const symbols = experiment.family === 'hedged-bet' ? ['SIM', 'SIM2'] : ['SIM'];
  if (isCross(experiment)) return { windows: windowsOf(crossSeries(experiment, seed), standardRanges(NOISE.start)) };
  const series = (make: (salt: string, k: number) => Bars) =>
    Object.fromEntries(symbols.map((symbol, k) => [symbol, make(k === 0 ? seed : `${seed} ${symbol}`, k)]));
  if (kind === 'real' || kind === 'permuted' || kind === 'flipped') {
    if (real === null) throw new Error('no real bars');
    const { bars, ranges } = real;
    const made = {
      real: () => bars,
      permuted: (salt: string) => permuteBlocks(bars, PERMUTED_BLOCK, seededRandom(salt)),
      flipped: (_: string, k: number) => flipMinutes(bars, 2 * index + k),
    }[kind];
    return { windows: windowsOf(series(made), ranges) };
  }
  const spec = { ...NOISE, barMinutes: barMinutesOf(experiment), edges: edgesOf(experiment) };
  return {
    windows: windowsOf(
      series((salt) => simulateMarket({ ...spec, seed: salt }).bars),
      standardRanges(NOISE.start),
    ),
  };
}

const CROSS_SYMBOLS = ['SIM', 'SIM2', 'SIM3', 'SIM4'];

function crossSeries({ market, sharpe = 0 }: Experiment, seed: string): Record<string, Bars> {
  const { gapsPerYear: _, ...spec } = NOISE;
  const edge = CROSS_KINDS.find((kind) => kind === market);
  const planted = edge && { edge, annualSharpe: strengthFor(edge, sharpe) };
  return simulateTogether({ ...spec, ...planted, seed, symbols: CROSS_SYMBOLS });
}

/**
 * Costs of every calibration market: those of the cheapest perpetual there is. Costs help the gates, since noise that pays them loses; so that
 * the figures hold for a cheap market too, they get little help here. Size 0.4 in a market of 100% volatility: an account of 40%.
 */
export function calibrationMarket(costs: SymbolCosts = CHEAPEST): EngineMarket {
  return {
    cash: 10_000,
    sizing: { mode: 'fraction', fraction: 0.4 },
    symbols: Object.fromEntries(CROSS_SYMBOLS.map((symbol) => [symbol, costs])),
  };
}

/** Of calibrationMarket, when no real market's are given. */
export const CHEAPEST = {
  kind: 'perpetual',
  makerBps: 1,
  takerBps: 1,
  slippageBps: 0.25,
  rangeShare: 0,
  participation: 0,
  tick: 0.01,
  lot: 1e-8,
  minNotional: 0,
} satisfies SymbolCosts;

/** Hourly bars; an edge of one hour needs finer ones, or an order one bar late would come after it, and so does a bet within the day. */
function barMinutesOf({ market, adversary, family }: Experiment): 15 | 60 {
  return market === 'reversion' || adversary !== undefined || family === 'near-target' ? 15 : 60;
}

/** Driftless; volatility, clusters and jumps as near to BTCUSD 2013-2016 as the simulator comes. Late orders are one bar late. */
export const NOISE = {
  start: Date.UTC(2013, 0, 1),
  minutes: (MARKET_DAYS * DAY) / 60_000,
  annualVolatility: 1,
  slowVolatility: 1.1,
  jumpsPerYear: 12,
  jumpShare: 0.2,
  gapsPerYear: 24,
} as const;

/** Sharpe ratio of holding the market in the experiment with drift. */
const DRIFT_SHARPE = 1;

function edgesOf({ market, sharpe }: Experiment) {
  if (market === 'drift') return [{ kind: 'drift' as const, annualSharpe: DRIFT_SHARPE }];
  const planted = PLANTED.find((kind) => kind === market);
  return planted ? [{ kind: planted, annualSharpe: strengthFor(planted, sharpe ?? 0) }] : [];
}
