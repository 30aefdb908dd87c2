import { join, resolve } from 'node:path';
import { say } from '../../base/draw/terminal.ts';
import { UsageError } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { executionBar } from '../../journal/projections/text.ts';
import { type Bars, barsOf, columnsOf, MINUTE, TIMEFRAME_MS } from '../../market/bars.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import type { Wish } from '../../market/ingest/format/detect.ts';
import { Spacing } from '../../market/ingest/format/spacing.ts';
import { type BadRow, readBarFile } from '../../market/ingest/read-bars.ts';
import { BadRows, checkShare } from '../../market/ingest/rejects.ts';
import { qualityOf } from '../../market/quality.ts';
import { repairBars, repairsLine } from '../../market/repair.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { type Traded, tradedBy, type Wanted } from '../../market/universe/members.ts';
import { writeWindowFile } from '../../market/window-file.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { configPath } from '../../task/config-path.ts';
import { universesOf } from '../../task/trading/open.ts';
import { withDatabase } from '../data/common.ts';

/** What a backtest is played on: window files in the order of the symbols, and the costs, with the memberships of a set. */
export interface Ground {
  readonly windows: string[][];
  readonly symbols: readonly string[];
  readonly market: Traded['market'];
}

/**
 * Window files of the database: train, or the selection folds in order. Only `promote` opens the holdout: counted and logged. Throws RalphError
 * (exit 2) for a set that market.yaml does not have.
 */
export async function windowsFromDatabase(
  window: 'train' | 'selection',
  wanted: Wanted,
  market: MarketConfig,
  configDir: string,
): Promise<Ground> {
  const windows = readWindowsConfig(configPath(PROJECT_DIR, configDir, 'windows.yaml'));
  const here = { ...market, dataDir: resolve(PROJECT_DIR, market.dataDir) };
  return withDatabase(here, async (database) => {
    const dir = join(here.dataDir, 'windows');
    const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
    const range = { from: windows.train.from, to: windows.holdout.to };
    const { universe } = wanted;
    const sets = universe === undefined ? undefined : await universesOf(database, market, range);
    const traded = tradedBy(wanted, { universes: sets }, market);
    if (typeof traded === 'string')
      throw new UsageError(traded, { remedy: 'Name a set of config/market.yaml, or symbols.' });
    const frozen = await freezeWindows(database, {
      windows,
      symbols: wanted.symbols,
      ...(universe !== undefined && sets && { universes: { [universe]: sets[universe] } }),
      dir,
      badPrints,
      quality: (symbol) => qualityOf(market, symbol),
    });
    const [{ interval }] = frozen.train;
    if (interval !== MINUTE) say(executionBar([{ interval }]));
    if (window === 'selection')
      say('selection numbers are for your eyes: what you choose by them is no longer tested by them');
    const chosen = window === 'train' ? [frozen.train] : frozen.selection;
    // A set is played in the order of its names.
    const pathOf = (files: typeof frozen.train) =>
      traded.symbols.map((symbol) => files.find((file) => file.symbol === symbol)!.path);
    return { ...traded, windows: chosen.map(pathOf) };
  });
}

/** Window files made straight from files of bars, one a symbol, all of their bars scored; they are written into `dir`. */
export async function windowsFromFiles(
  files: readonly string[],
  symbols: readonly string[],
  wish: Wish,
  market: MarketConfig,
  dir: string,
): Promise<string[]> {
  if (files.length !== symbols.length)
    throw new UsageError(`--bars was given ${files.length} times for the symbols ${symbols.join(', ')}`, {
      remedy: 'Give one file a symbol, in the order of the YAML, or name the symbols with --symbol.',
    });
  const interval = TIMEFRAME_MS[wish.interval ?? '1m'];
  if (interval !== MINUTE) say(executionBar([{ interval }]));
  const paths: string[] = [];
  for (const [i, file] of files.entries()) {
    const read = await readAll(file, { ...wish, symbol: symbols[i] }, market.ingest.maxBadShare);
    const path = join(dir, `${symbols[i]}.bars`);
    const range = { from: read.time[0], to: read.time[read.length - 1] + interval };
    const rule = badPrintRuleOf(market, symbols[i]);
    const { bars, badPrints } = rule.factor > 0 ? repairBars(read, range, rule) : { bars: read };
    if (badPrints && badPrints.prints.length > 0) say(`${file}: ${repairsLine(badPrints)}`);
    writeWindowFile(path, bars, { symbol: symbols[i], range, warmupMs: 0, provenance: 'file', badPrints, interval });
    paths.push(path);
  }
  return paths;
}

async function readAll(path: string, wish: Wish, maxBadShare: number): Promise<Bars> {
  const columns: number[][] = [[], [], [], [], [], []];
  const bad = new BadRows();
  const onBad = (row: BadRow) => {
    bad.add(row);
    if (bad.count <= 3) say(`${path}: line ${row.line} is left out: ${row.reason}`);
  };
  const spacing = new Spacing(wish.interval);
  let good = 0;
  for await (const batch of readBarFile(path, wish, { onBad, onReading: ({ notes }) => notes.forEach(say) })) {
    // The batch's arrays are used again for the next one.
    for (const [k, column] of columnsOf(batch).entries())
      for (let i = 0; i < batch.length; i++) columns[k].push(column[i]);
    good += batch.length;
    spacing.see(batch.time);
  }
  checkShare({ path, maxBadShare }, good, bad);
  spacing.check(path);
  if (bad.count > 0) say(`${path}: ${bad.count} rows are left out`);
  return barsOf(columns.map((column) => new Float64Array(column)));
}
