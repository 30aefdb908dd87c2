import { resolve } from 'node:path';
import { compileCandidate } from '../../backtest/compile/compile.ts';
import { closing } from '../../base/closing.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { RunEvent } from '../../journal/events.ts';
import { openObjects, textsOf } from '../../journal/objects.ts';
import { coverageAt } from '../../journal/provenance.ts';
import type { Trial } from '../../journal/state/parts.ts';
import type { Range } from '../../market/bars.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import type { Coverage } from '../../market/coverage.ts';
import { type Database, openDatabase } from '../../market/database.ts';
import { freezeRange } from '../../market/freeze-range.ts';
import { listSymbols } from '../../market/store/list.ts';
import { type Traded, tradedBy } from '../../market/universe/members.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import type { Params } from '../../strategy/candidate.ts';
import { configPath, databaseFor, readMarket } from '../config-path.ts';
import type { TaskOptions } from '../options.ts';
import { candidateFrom } from './context.ts';
import { openLaterBars } from './later-bars.ts';
import { universesOf } from './open.ts';

/** What trials are played on with: the market, its database, and a folder for windows beyond those of every run. */
export interface Means {
  readonly market: MarketConfig;
  readonly database: Database;
  readonly warmupMs: number;
  readonly dir: string;
}

/** Opens them for the block that holds them. Throws RalphError where config or database cannot be had. */
export async function openMeans(
  { projectDir, configDir }: Pick<TaskOptions, 'projectDir' | 'configDir'>,
  what: 'forward' | 'signals',
): Promise<Means & AsyncDisposable> {
  const market = readMarket({ projectDir, configDir });
  const { warmupMs } = readWindowsConfig(configPath(projectDir, configDir, 'windows.yaml'));
  await using opened = new AsyncDisposableStack();
  const database = opened.use(closing(await openDatabase(databaseFor(projectDir, market))));
  const { dir } = opened.use(openLaterBars(resolve(projectDir, market.dataDir), what));
  const open = opened.move();
  return { market, database, warmupMs, dir, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** A trial as it can be played on, beyond its windows. */
export interface Carried {
  readonly code: string;
  readonly symbols: readonly string[];
  /** The set that it names in place of symbols. */
  readonly universe?: string;
  /** What its YAML sets; what the trial was charged with takes precedence. */
  readonly given: Params;
}

/** Reads the files of a trial from the run's objects, where nobody can edit them unseen. Throws RalphError when they do not compile any more. */
export async function carriedFrom(runDir: string, { trial, candidate, started }: Trial): Promise<Carried> {
  const files = textsOf(openObjects(runDir), started.files);
  const compiled = await compileCandidate(candidateFrom(candidate, files));
  if (!compiled.ok)
    throw new RalphError(`${trial} (${candidate}) does not compile any more: ${compiled.problems.join('; ')}`, {
      remedy: `See what this version asks for: npm run ralph -- reproduce ${trial}`,
    });
  const { code, config } = compiled;
  return { code, symbols: config.symbols, universe: config.universe, given: config.params };
}

/**
 * What a carried trial trades from the start of its train window to `to`, epoch ms: for a set, those who are members by then too. Throws RalphError
 * for a set that market.yaml does not have any more.
 */
export async function tradedLater(
  database: Database,
  market: MarketConfig,
  carried: Carried,
  range: Range,
): Promise<Traded> {
  const universes = carried.universe === undefined ? undefined : await universesOf(database, market, range);
  const traded = tradedBy(carried, { universes }, market);
  if (typeof traded !== 'string') return traded;
  throw new RalphError(traded, { remedy: 'Bring the set back in config/market.yaml.', exitCode: EXIT.usage });
}

/** Start of the newest bar that all of the symbols have, epoch ms. */
export async function newestOf(database: Database, symbols: readonly string[]): Promise<number> {
  const known = await listSymbols(database);
  const last = symbols.map((symbol) => {
    const found = known.find((each) => each.symbol === symbol);
    if (found) return Date.parse(found.last);
    throw new RalphError(`the database has no bars of ${symbol}`, {
      remedy: `Ingest them: npm run ralph -- data ingest FILES --symbol ${symbol}`,
    });
  });
  return Math.min(...last);
}

/** The windows that a trial was judged on, as its journal has them: nothing that is edited later moves them. */
export function windowsAt(events: readonly RunEvent[], seq: number): readonly Coverage[] {
  const coverage = coverageAt(events, seq);
  if (coverage.some(({ window }) => window === 'train')) return coverage;
  throw new RalphError('the journal does not say on which days the trial was judged', {
    remedy: 'This needs a run of the trading task by this version or a later one.',
    exitCode: EXIT.usage,
  });
}

/** Freezes the bars of what a carried trial trades, from the beginning of its train window to `range.to`; the paths of the files. */
export async function freezeLater(
  { database, market, warmupMs, dir }: Means,
  { symbols, market: costs }: Traded,
  range: Range,
  role: 'forward' | 'signals',
): Promise<string[]> {
  const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
  const mortal = costs.members ? symbols : [];
  const windows = await freezeRange(database, { symbols, mortal, range, role, warmupMs, dir, badPrints });
  return windows.map(({ path }) => path);
}
