import type { EngineMarket, SymbolCosts } from '../../backtest/market.ts';
import { seededRandom } from '../../base/random.ts';
import { type Bars, DAY } from '../../market/bars.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { dailyGround, dailyProposer } from './daily.ts';
import { type MemoryWindows, memoryGround } from './memory-workbench.ts';
import { permuteBlocks } from './real.ts';
import {
  climbingProposer,
  type Ground,
  guidedProposer,
  type Proposer,
  randomProposer,
  type Space,
  sweepProposer,
} from './search.ts';
import { type PlantedKind, strengthFor } from './strengths.ts';
import { type CalibrationRanges, MARKET_DAYS, standardRanges, windowsOf } from './windows.ts';

/** One question put to the gates, as plain data, so that a worker can be told. */
export interface Experiment {
  readonly name: string;
  readonly question: string;
  readonly market: 'daily' | 'noise' | 'drift' | 'real' | 'permuted' | PlantedKind;
  /** Net annual Sharpe ratio of the reference strategy in a planted market. */
  readonly sharpe?: number;
  /** An outsider's module whose candidates are tried; see adversaryProposer. */
  readonly adversary?: string;
  readonly search: 'random' | 'sweep' | 'guided' | 'climb';
  readonly searches: number;
  readonly trials: number;
}

const PLANTED: readonly PlantedKind[] = ['momentum', 'reversion', 'post-jump'];
const SHARPES = [1, 1.5, 2, 2.5];

/** The five points. Quick: fewer searches of the same length, enough to see that nothing is badly off. */
export function experiments(quick: boolean): Experiment[] {
  const noise = quick ? 6 : 200;
  const power = quick ? 1 : 40;
  const trials = 100;
  const list: Experiment[] = [
    {
      name: 'noise',
      question: 'pure noise, random search',
      market: 'noise',
      search: 'random',
      searches: noise,
      trials,
    },
    {
      name: 'noise-guided',
      question: 'pure noise, the best refined',
      market: 'noise',
      search: 'guided',
      searches: quick ? 3 : 200,
      trials,
    },
    {
      name: 'noise-sweep',
      question: 'pure noise, the sweep',
      market: 'noise',
      search: 'sweep',
      searches: quick ? 2 : 200,
      trials,
    },
    { name: 'drift', question: 'noise with drift', market: 'drift', search: 'random', searches: noise, trials },
    {
      name: 'adversary',
      question: 'noise, one family climbed',
      market: 'noise',
      search: 'climb',
      searches: quick ? 4 : 200,
      trials,
    },
    {
      name: 'permuted',
      question: 'real bars in another order',
      market: 'permuted',
      search: 'random',
      searches: quick ? 3 : 200,
      trials,
    },
    {
      name: 'real',
      question: 'real bars as they were',
      market: 'real',
      search: 'random',
      searches: quick ? 1 : 40,
      trials,
    },
  ];
  for (const sharpe of [0, ...SHARPES]) {
    list.push({
      name: sharpe === 0 ? 'daily-noise' : `daily-${sharpe.toFixed(1)}`,
      question: sharpe === 0 ? 'daily returns, 100 without skill' : `daily returns, one of 100 of Sharpe ${sharpe}`,
      market: 'daily',
      ...(sharpe > 0 && { sharpe }),
      search: 'random',
      searches: quick ? 10 : 400,
      trials,
    });
  }
  for (const sharpe of quick ? [2, 2.5] : SHARPES) {
    for (const market of PLANTED) {
      list.push({
        name: `${market}-${sharpe.toFixed(1)}`,
        question: `planted ${market} edge of net Sharpe ${sharpe}`,
        market,
        sharpe,
        search: 'guided',
        searches: power,
        trials,
      });
    }
  }
  return list;
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
  const onReal = experiment.market === 'real' || experiment.market === 'permuted';
  const market = onReal && real ? calibrationMarket(real.costs) : calibrationMarket();
  return memoryGround(marketOf(experiment, index, real), market, new Map());
}

function marketOf(experiment: Experiment, index: number, real: RealMarket): MemoryWindows {
  const seed = `${experiment.name} ${index}`;
  if (experiment.market === 'real' || experiment.market === 'permuted') {
    if (real === null) throw new Error('no real bars');
    const bars =
      experiment.market === 'real' ? real.bars : permuteBlocks(real.bars, PERMUTED_BLOCK, seededRandom(seed));
    return windowsOf('SIM', bars, real.ranges);
  }
  const { bars } = simulateMarket({ ...NOISE, barMinutes: barMinutesOf(experiment), seed, edges: edgesOf(experiment) });
  return windowsOf('SIM', bars, standardRanges(NOISE.start));
}

/**
 * Costs of every calibration market: those of the cheapest perpetual there is. Costs help the gates, since noise that pays them loses; so that
 * the figures hold for a cheap market too, they get little help here. Size 0.4 in a market of 100% volatility: an account of 40%.
 */
export function calibrationMarket(costs: SymbolCosts = CHEAPEST): EngineMarket {
  return { cash: 10_000, sizing: { mode: 'fraction', fraction: 0.4 }, symbols: { SIM: costs } };
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

/** Hourly bars; an edge of one hour needs finer ones, or an order one bar late would come after it. */
function barMinutesOf({ market, adversary }: Experiment): 15 | 60 {
  return market === 'reversion' || adversary !== undefined ? 15 : 60;
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
  if (market === 'noise' || market === 'real' || market === 'permuted' || market === 'daily') return [];
  if (market === 'drift') return [{ kind: 'drift' as const, annualSharpe: DRIFT_SHARPE }];
  return [{ kind: market, annualSharpe: strengthFor(market, sharpe ?? 0) }];
}

/** Searches of candidates from an outsider's module on noise: 59 without a keep bound the rate at 5%. */
export function adversaryExperiment(adversary: string): Experiment {
  const question = "pure noise, an outsider's candidates";
  return { name: 'adversary', question, market: 'noise', adversary, search: 'random', searches: 59, trials: 100 };
}

/** First trials of a guided search: each strategy of the library about twice. */
const GUIDED_START = 46;
/** First trials of the adversary are drawn at random; the rest climb. */
const CLIMB_START = 20;

export function proposerOf({ market, search }: Experiment, spaces: readonly Space[]): Proposer {
  if (market === 'daily') return dailyProposer;
  if (search === 'sweep') return sweepProposer(spaces);
  if (search === 'guided') return guidedProposer(spaces, GUIDED_START);
  return search === 'climb' ? climbingProposer(spaces, CLIMB_START) : randomProposer(spaces);
}
