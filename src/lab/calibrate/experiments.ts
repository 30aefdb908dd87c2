import type { EngineMarket, SymbolCosts } from '../../backtest/market.ts';
import { seededRandom } from '../../base/random.ts';
import { type Bars, DAY } from '../../market/bars.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { FAMILIES } from '../adversaries/families.ts';
import { dailyGround, dailyProposer } from './daily.ts';
import { type MemoryWindows, memoryGround } from './memory-workbench.ts';
import { climbingProposer, guidedProposer, randomProposer, sweepProposer } from './proposers.ts';
import { flipMinutes, permuteBlocks } from './real.ts';
import type { Ground, Proposer, Space } from './search.ts';
import { type PlantedKind, strengthFor } from './strengths.ts';
import { CROSS_KINDS, type CrossKind, simulateTogether } from './together.ts';
import { wideProposer } from './tuned.ts';
import { type CalibrationRanges, MARKET_DAYS, standardRanges, windowsOf } from './windows.ts';

/** One question put to the gates, as plain data, so that a worker can be told. */
export interface Experiment {
  readonly name: string;
  readonly question: string;
  /** `noises`: search by search in turn simulated noise, coin-flipped real bars, real bars in another order. */
  readonly market:
    | 'daily'
    | 'noise'
    | 'drift'
    | 'real'
    | 'permuted'
    | 'noises'
    | 'cross-noise'
    | PlantedKind
    | CrossKind;
  /** Net annual Sharpe ratio of the reference strategy in a planted market. */
  readonly sharpe?: number;
  /** One of FAMILIES. */
  readonly family?: string;
  /** An outsider's module whose candidates are tried. */
  readonly adversary?: string;
  readonly search: 'random' | 'sweep' | 'guided' | 'climb' | 'tuned' | 'guess';
  /** Searches of one name are played on the same markets. */
  readonly markets?: string;
  /** Judged without the candidate's own null, which tunes every surrogate anew: for a comparison in little time. */
  readonly nullOff?: boolean;
  readonly searches: number;
  readonly trials: number;
  /** Judged again without each defence; see settings. */
  readonly defences?: boolean;
}

const PLANTED: readonly PlantedKind[] = ['momentum', 'reversion', 'post-jump'];
const SHARPES = [1, 1.5, 2, 2.5];

/** Every question. Quick: fewer and shorter searches, enough to see that nothing is badly off. */
export function experiments(quick: boolean): Experiment[] {
  const trials = 100;
  const noise = (name: string, question: string, few: number, rest: Partial<Experiment> = {}): Experiment => ({
    name,
    question,
    market: 'noise',
    search: 'random',
    searches: quick ? few : 200,
    trials,
    ...rest,
  });
  const list: Experiment[] = [
    noise('noise', 'pure noise, random search', 6),
    noise('noise-guided', 'pure noise, the best refined', 3, { search: 'guided' }),
    noise('noise-sweep', 'pure noise, the sweep', 2, { search: 'sweep' }),
    noise('noise-climb', 'pure noise, one family climbed', 4, { search: 'climb' }),
    noise('drift', 'noise with drift', 6, { market: 'drift' }),
    noise('permuted', 'real bars in another order', 2, { market: 'permuted' }),
  ];
  if (!quick) {
    list.push({ ...noise('real', 'real bars as they were', 0, { market: 'real' }), searches: 40 });
    for (const sharpe of [0, ...SHARPES]) {
      list.push({
        name: sharpe === 0 ? 'daily-noise' : `daily-${sharpe.toFixed(1)}`,
        question: sharpe === 0 ? 'daily returns, 100 without skill' : `daily returns, one of 100 of Sharpe ${sharpe}`,
        market: 'daily',
        ...(sharpe > 0 && { sharpe }),
        search: 'random',
        searches: 400,
        trials,
      });
    }
  }
  for (const sharpe of quick ? [2, 2.5] : SHARPES) {
    for (const market of PLANTED) {
      list.push({
        name: `${market}-${sharpe.toFixed(1)}`,
        question: `planted ${market} edge of net Sharpe ${sharpe}`,
        market,
        sharpe,
        search: 'guided',
        searches: quick ? 4 : 40,
        trials,
      });
    }
  }
  // Last, since there are most of them: a short run that is out of time has said something of everything else.
  const cheats = Object.keys(FAMILIES).map((family) =>
    noise(family, 'a cheat on three kinds of noise', 3, { market: 'noises', family, trials: quick ? 30 : trials }),
  );
  return [...list, ...crossExperiments(quick), ...tunedExperiments(quick), ...cheats];
}

/** Several symbols at once: what lies between them, found by the strategies of strategies/universe. Quick: the largest edge alone, without the null. */
function crossExperiments(quick: boolean): Experiment[] {
  const common = { search: 'guided', searches: quick ? 2 : 20, trials: quick ? 12 : 40, nullOff: quick } as const;
  const words = quick ? ', without the null' : '';
  const planted = (quick ? CROSS_KINDS.slice(0, 1) : CROSS_KINDS).flatMap((market) =>
    (quick ? [2.5] : [1.5, 2.5]).map((sharpe) => ({
      ...common,
      name: `${market}-${sharpe.toFixed(1)}`,
      question: `${market.slice(6)} between four symbols, net Sharpe ${sharpe}${words}`,
      market,
      sharpe,
    })),
  );
  const noise = {
    ...common,
    name: 'cross-noise',
    question: 'four symbols without an edge',
    market: 'cross-noise',
  } as const;
  return quick ? planted : [...planted, noise];
}

/** Whether an experiment plays several symbols at once. */
export function isCross({ market }: Experiment): boolean {
  return market.startsWith('cross-');
}

/** Net Sharpe ratio of what is planted for the tuned trials. */
const TUNED_SHARPE = 2.5;

/** Wide ranges, tuned and at a first guess, on the same markets: tuning must find more where there is something, and keep no more where not. */
function tunedExperiments(quick: boolean): Experiment[] {
  return (['guess', 'tuned'] as const).flatMap((search): Experiment[] => {
    const how = search === 'tuned' ? 'tuned by the harness' : "at the model's first guess";
    const words = quick ? `${how}, without the null` : how;
    const common = { search, trials: 2, searches: quick ? 4 : 100, nullOff: quick } as const;
    const planted = { market: 'momentum', sharpe: TUNED_SHARPE, markets: 'tuned planted' } as const;
    return [
      {
        ...common,
        name: `${search}-noise`,
        question: `pure noise, wide ranges ${words}`,
        market: 'noise',
        markets: 'tuned noise',
      },
      { ...common, ...planted, name: `${search}-planted`, question: `momentum of unknown speed, wide ranges ${words}` },
    ];
  });
}

/** What is judged with all defences, without each, and without any: a defence shows in the difference. */
export function defenceExperiments(): Experiment[] {
  return Object.keys(FAMILIES).map((family) => ({
    name: family,
    question: 'a cheat, with and without each defence',
    market: 'noises',
    family,
    search: 'random',
    searches: 20,
    trials: 40,
    defences: true,
  }));
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
  if (search === 'tuned' || search === 'guess') return wideProposer(spaces, search);
  if (search === 'sweep') return sweepProposer(spaces);
  if (search === 'guided') return guidedProposer(spaces, GUIDED_START);
  return search === 'climb' ? climbingProposer(spaces, CLIMB_START) : randomProposer(spaces);
}
