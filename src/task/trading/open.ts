import { basename, join, resolve } from 'node:path';
import { openSpares } from '../../backtest/box/spares.ts';
import { closing } from '../../base/closing.ts';
import { say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import { secret } from '../../base/secrets.ts';
import type { openFleet } from '../../fleet/run/open.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { openObjects } from '../../journal/objects.ts';
import type { ResultRow } from '../../journal/projections/rows.ts';
import type { Range } from '../../market/bars.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import { type Database, openDatabase } from '../../market/database.ts';
import { qualityOf } from '../../market/quality.ts';
import { type FreezeRequest, type FrozenWindows, freezeWindows } from '../../market/snapshot.ts';
import { upsertTrials } from '../../market/store/trials.ts';
import { membersOf, type Universes } from '../../market/universe/members.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { duplicateOf } from '../../search/memory/duplicates.ts';
import { configPath, databaseFor, readMarket } from '../config-path.ts';
import { asDatabaseFault } from '../database-fault.ts';
import type { TaskOptions } from '../options.ts';
import type { Task } from '../task.ts';
import type { Trading } from './context.ts';
import { HeldBench } from './held.ts';
import { clearLaterBars } from './later-bars.ts';

/** Reads the configs, freezes the windows of every symbol that has bars in all of them, and lets go of the database. */
export async function openTrading({
  projectDir,
  configDir,
  runDir,
  tuneNumbers = false,
  byWorkers = false,
}: Pick<TaskOptions, 'projectDir' | 'configDir' | 'runDir' | 'tuneNumbers' | 'byWorkers'>): Promise<Trading> {
  const market = readMarket({ projectDir, configDir });
  const windows = readWindowsConfig(configPath(projectDir, configDir, 'windows.yaml'));
  const gates = readGatesConfig(configPath(projectDir, configDir, 'gates.yaml'));
  const dataDir = resolve(projectDir, market.dataDir);
  clearLaterBars(dataDir);
  return withMarket(projectDir, market, async (database) => {
    const dir = join(dataDir, 'windows');
    const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
    const wanted = {
      windows,
      symbols: Object.keys(market.symbols),
      universes: await universesOf(database, market, { from: windows.train.from, to: windows.holdout.to }),
      dir,
      badPrints,
      quality: (symbol: string) => qualityOf(market, symbol),
    };
    const { frozen, symbols } = await freezeUsable(database, wanted);
    const objects = openObjects(runDir);
    const objectOf = (name: string) => objects.get(name).toString('utf8');
    const repeats: Task['duplicateOf'] = (submission, events) => duplicateOf(submission, events, objectOf);
    const processes = { spares: openSpares(), held: new HeldBench() };
    const fleet = byWorkers ? await openWorkers({ schema: market.schema, tag: basename(runDir), runDir, frozen }) : {};
    return {
      projectDir,
      runDir,
      frozen,
      market,
      gates,
      symbols,
      tuneNumbers,
      duplicateOf: repeats,
      ...processes,
      ...fleet,
    };
  });
}

/** Opens the database of a market for `work`. Throws WorldFault while it is down. */
async function withMarket<T>(projectDir: string, market: MarketConfig, work: (database: Database) => Promise<T>) {
  try {
    await using database = closing(await openDatabase(databaseFor(projectDir, market)));
    return await work(database);
  } catch (thrown) {
    throw asDatabaseFault(thrown);
  }
}

/** The code of the queue is loaded here, and only where a run asks for it. */
async function openWorkers(run: Omit<Parameters<typeof openFleet>[0], 'url'>) {
  const { openFleet } = await import('../../fleet/run/open.ts');
  const fleet = await openFleet({ ...run, url: secret('DATABASE_URL') });
  return { openBench: fleet.workbench, closeFleet: fleet.close };
}

/** The sets of market.yaml as they are in a stretch of time, whose rules choose first at its start; undefined where there are none. */
export async function universesOf(
  database: Database,
  { universes, symbols }: Pick<MarketConfig, 'universes' | 'symbols'>,
  range: Range,
): Promise<Universes | undefined> {
  return universes && membersOf(database, { universes, symbols: Object.keys(symbols), range });
}

/**
 * A symbol of market.yaml without bars in every window is left out and said so, but for its part in a set; without any symbol there is no
 * run.
 */
async function freezeUsable(
  database: Database,
  request: FreezeRequest,
): Promise<{ frozen: FrozenWindows; symbols: string[] }> {
  const symbols: string[] = [];
  const refusals: RalphError[] = [];
  for (const symbol of request.symbols) {
    try {
      await freezeWindows(database, { ...request, symbols: [symbol], universes: undefined });
      symbols.push(symbol);
    } catch (thrown) {
      if (!(thrown instanceof RalphError)) throw thrown;
      refusals.push(thrown);
    }
  }
  if (symbols.length === 0) {
    const reasons = refusals.map(({ message }) => message).join('; ');
    throw new RalphError(`no symbol of market.yaml has bars for every window of windows.yaml: ${reasons}`, {
      remedy: refusals.map(({ remedy }) => remedy).join(' '),
      exitCode: EXIT.usage,
    });
  }
  for (const { message } of refusals) say(`left out: ${message}`);
  return { frozen: await freezeWindows(database, { ...request, symbols }), symbols };
}

/** The table ralph.trials: the results where SQL and dashboards can reach them. Throws WorldFault while the database is down. */
export async function publishTrials(
  { projectDir, market }: Trading,
  rows: readonly ResultRow[],
  run: string,
): Promise<void> {
  // A table of the user's own is read and never written beside.
  if (market.source) return;
  const trials = rows.flatMap((row) => (row.trial === null ? [] : [{ ...row, trial: row.trial }]));
  await withMarket(projectDir, market, (database) => upsertTrials(database, run, trials));
}
