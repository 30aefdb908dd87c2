import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../base/random.ts';
import { type GatesConfig, readGatesConfig } from '../../gates/config.ts';
import { badPrintRuleOf, readMarketConfig } from '../../market/config.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { adversaryProposer } from './adversary.ts';
import { type Experiment, groundOf, proposerOf, type RealMarket } from './experiments.ts';
import { realBars } from './real.ts';
import { runSearch, type SearchFinding } from './search.ts';
import { readSpaces } from './spaces.ts';

/** Where a worker finds what it needs. */
export interface CalibrationPaths {
  readonly libraryDir: string;
  readonly configDir: string;
  /** Glob of real 1-minute files, or null. */
  readonly real: string | null;
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
};

/** .0015 at 100 trials is what a deflated Sharpe of .95 asks for. */
const LUCK_LEVELS = [0.0015, 0.05, 0.2, 0.4];

/** Whose costs in market.yaml hold for the real files. */
const REAL_SYMBOL = 'BTCUSD';

const { libraryDir, configDir, real } = workerData as CalibrationPaths;
const spaces = await readSpaces(libraryDir);
const gates = readGatesConfig(`${configDir}/gates.yaml`);
let bars: RealMarket = null;

parentPort?.on('message', async ({ experiment, index }: SearchTask) => {
  const started = performance.now();
  if (bars === null && real !== null && (experiment.market === 'real' || experiment.market === 'permuted')) {
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
  const { adversary, trials } = experiment;
  const drawn = adversary && (await adversaryProposer(adversary, trials, seededRandom(`adversary ${index}`)));
  const search = (judges: GatesConfig) =>
    runSearch(
      drawn || proposerOf(experiment, spaces),
      experiment.trials,
      ground,
      judges,
      seededRandom(`search ${experiment.name} ${index}`),
      experiment.sharpe !== undefined,
    );
  const finding = await search(gates);
  const seconds = (performance.now() - started) / 1000;
  // The same search judged at other levels of luck, without the null, from the simulations that are there already: the trade-off curve.
  const curve: Record<string, boolean> = { [gates.deflation.luck]: finding.keeps > 0 };
  for (const luck of LUCK_LEVELS) {
    curve[luck] =
      (await search({ ...gates, off: [...gates.off, 'null'], deflation: { ...gates.deflation, luck } })).keeps > 0;
  }
  const answer: SearchAnswer = { experiment, index, finding, curve, seconds };
  parentPort?.postMessage(answer);
});
