import { FAMILIES } from '../adversaries/families.ts';
import { dailyProposer } from './daily.ts';
import type { PlantedKind } from './markets/strengths.ts';
import { CROSS_KINDS, type CrossKind } from './markets/together.ts';
import { climbingProposer, guidedProposer, randomProposer, sweepProposer } from './search/proposers.ts';
import type { Proposer, Space } from './search/search.ts';
import { wideProposer } from './tuned.ts';

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

/** Edges of one symbol. */
export const PLANTED: readonly PlantedKind[] = ['momentum', 'reversion', 'post-jump'];
const SHARPES = [1, 1.5, 2, 2.5];
/** Cheats whose trials come to the null and to a look, minutes each: begun first, so that a run does not wait for them at its end. */
const SLOW = ['week-table', 'short-volatility'];

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
  const cheats = (families: readonly string[]) =>
    families.map((family) =>
      noise(family, 'a cheat on three kinds of noise', 3, {
        market: 'noises',
        family,
        trials: quick ? (family === 'week-table' ? 4 : 30) : trials,
      }),
    );
  // Last, since there are most of them: a short run that is out of time has said something of everything else.
  const rest = cheats(Object.keys(FAMILIES).filter((family) => !SLOW.includes(family)));
  return [...cheats(SLOW), ...list, ...crossExperiments(quick), ...tunedExperiments(quick), ...rest];
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
