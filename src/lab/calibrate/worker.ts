import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../base/random.ts';
import { type GatesConfig, readGatesConfig } from '../../gates/config.ts';
import { badPrintRuleOf, readMarketConfig } from '../../market/config.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { adversaryProposers } from './adversary.ts';
import { type Experiment, proposerOf } from './experiments.ts';
import { groundOf, isCross, type RealMarket } from './ground.ts';
import { realBars } from './markets/real.ts';
import { type Defence, SETTINGS } from './search/defences.ts';
import { runSearch, type SearchFinding } from './search/search.ts';
import { readSpaces } from './search/spaces.ts';

/** Where a worker finds what it needs. */
export interface CalibrationPaths {
  readonly libraryDir: string;
  readonly configDir: string;
  /** Glob of real 1-minute files, or null. */
  readonly real: string | null;
  /** Judges each search at other levels of luck as well. */
  readonly curves: boolean;
}

export interface SearchTask {
  readonly experiment: Experiment;
  readonly index: number;
}

export type SearchAnswer = SearchTask & {
  readonly finding: SearchFinding;
  /** Whether the search would have kept something at each level of luck. */
  readonly curve: Readonly<Record<string, boolean>>;
  readonly seconds: number;
  /** Whether something was kept in each of SETTINGS. */
  readonly kept?: Readonly<Record<string, boolean>>;
};

/** .0015 at 100 trials is what a deflated Sharpe of .95 asks for. */
const LUCK_LEVELS = [0.0015, 0.05, 0.2, 0.4];

/** Whose costs in market.yaml hold for the real files. */
const REAL_SYMBOL = 'BTCUSD';

/** Markets that are made of the real bars. */
const ON_REAL: readonly Experiment['market'][] = ['real', 'permuted', 'noises'];
/** Runs that the trials of a search are spread over where defences are switched off. */
const NIGHTS = 4;

const { libraryDir, configDir, real, curves } = workerData as CalibrationPaths;
const spaces = await readSpaces(libraryDir);
const across = await readSpaces(join(libraryDir, '../universe'));
const shipped = readGatesConfig(`${configDir}/gates.yaml`);
// Held signs are printed for keeps and gate nothing.
const gates = { ...shipped, surrogates: { ...shipped.surrogates, held: 0 } };
let bars: RealMarket = null;

parentPort?.on('message', async ({ experiment, index }: SearchTask) => {
  const started = performance.now();
  if (bars === null && real !== null && ON_REAL.includes(experiment.market)) {
    const { train, selection, warmupMs } = readWindowsConfig(`${configDir}/windows.yaml`);
    const market = readMarketConfig(`${configDir}/market.yaml`);
    const rule = badPrintRuleOf(market, REAL_SYMBOL);
    bars = {
      bars: await realBars(real, 'bitfinex', rule),
      ranges: { train, folds: selection, warmupMs },
      costs: market.symbols[REAL_SYMBOL],
    };
  }
  const ground = groundOf(experiment, index, bars);
  const { family, adversary, trials, defences, nullOff } = experiment;
  const ownGates = nullOff ? { ...gates, off: [...gates.off, 'null' as const] } : gates;
  const adversaries = family || adversary ? await adversaryProposers(experiment, ground) : null;
  const search = async (judges: GatesConfig, off: readonly Defence[] = []) =>
    runSearch(
      adversaries
        ? adversaries(seededRandom(`adversary ${index}`))
        : proposerOf(experiment, isCross(experiment) ? across : spaces),
      trials,
      ground,
      judges,
      seededRandom(`search ${experiment.name} ${index}`),
      {
        untilKeep: (experiment.sharpe !== undefined && experiment.markets === undefined) || defences,
        off,
        nights: defences ? NIGHTS : 1,
      },
    );
  const finding = await search(ownGates);
  const seconds = (performance.now() - started) / 1000;
  const curve: Record<string, boolean> = { [gates.deflation.luck]: finding.keeps > 0 };
  if (curves && !adversaries) {
    // The same search judged at other levels of luck, without the null, from the simulations that are there already: the trade-off curve.
    for (const luck of LUCK_LEVELS) {
      const judges = { ...gates, off: [...gates.off, 'null' as const], deflation: { ...gates.deflation, luck } };
      curve[luck] = (await search(judges)).keeps > 0;
    }
  }
  const kept: Record<string, boolean> = {};
  for (const { name, off } of defences ? SETTINGS : []) {
    kept[name] = off.length === 0 ? finding.keeps > 0 : (await search(gates, off)).keeps > 0;
  }
  const answer: SearchAnswer = { experiment, index, finding, curve, seconds, ...(defences && { kept }) };
  parentPort?.postMessage(answer);
});
