import { join, resolve } from 'node:path';
import { say } from '../../base/draw/terminal.ts';
import { UsageError } from '../../base/errors.ts';
import { isoDay, isoMinute } from '../../base/numbers.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { executionBar } from '../../journal/projections/text.ts';
import { type Bars, barsOf, columnsOf, DAY, MINUTE, type Range, TIMEFRAME_MS } from '../../market/bars.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import type { Wish } from '../../market/ingest/format/detect.ts';
import { Spacing } from '../../market/ingest/format/spacing.ts';
import { type BadRow, readBarFile } from '../../market/ingest/read-bars.ts';
import { BadRows, checkShare } from '../../market/ingest/rejects.ts';
import { qualityOf } from '../../market/quality.ts';
import { repairBars, repairsLine } from '../../market/repair.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { belongsIn, noSet, type Traded, tradedBy, type Wanted } from '../../market/universe/members.ts';
import { writeWindowFile } from '../../market/window-file.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { universesOf } from '../../task/trading/open.ts';
import { configFile } from '../config-file.ts';
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
  const windows = readWindowsConfig(configFile(configDir, 'windows.yaml'));
  const here = { ...market, dataDir: resolve(PROJECT_DIR, market.dataDir) };
  const { universe } = wanted;
  const { universes = {} } = market;
  if (universe !== undefined && !Object.hasOwn(universes, universe))
    throw new UsageError(noSet(universe, Object.keys(universes)), {
      remedy: 'Name a set of config/market.yaml, or symbols.',
    });
  return withDatabase(here, async (database) => {
    const dir = join(here.dataDir, 'windows');
    const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
    const range = { from: windows.train.from, to: windows.holdout.to };
    // Another set may ask for bars that are not there: it is none of this candidate's business.
    const own = universe === undefined ? undefined : { ...market, universes: { [universe]: universes[universe] } };
    const sets = own && (await universesOf(database, own, range));
    const traded = tradedBy(wanted, { universes: sets }, market);
    if (typeof traded === 'string') throw new RangeError(traded);
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
    for (const [{ range: own }] of chosen)
      if (!traded.symbols.some((symbol) => belongsIn(traded.market.members, symbol, own)))
        throw new UsageError(`${universe} has no member from ${isoDay(own.from)} to ${isoDay(own.to)}`, {
          remedy: 'Correct its memberships in config/market.yaml, or the windows in config/windows.yaml.',
        });
    // A set is played in the order of its names.
    const pathOf = (files: typeof frozen.train) =>
      traded.symbols.map((symbol) => files.find((file) => file.symbol === symbol)!.path);
    return { ...traded, windows: chosen.map(pathOf) };
  });
}

/**
 * Window files made straight from files of bars, one a symbol, all of their bars scored; they are written into `dir`. The window goes from the first bar
 * of any symbol to the last of any, whatever their order. Throws UsageError for files that have no time in common.
 */
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
  const all: Bars[] = [];
  for (const [i, file] of files.entries())
    all.push(await readAll(file, { ...wish, symbol: symbols[i] }, market.ingest.maxBadShare));
  const range = rangeOfAll(all, files, interval);
  return all.map((read, i) => {
    const symbol = symbols[i];
    const rule = badPrintRuleOf(market, symbol);
    const { bars, badPrints } = rule.factor > 0 ? repairBars(read, range, rule) : { bars: read };
    if (badPrints && badPrints.prints.length > 0) say(`${files[i]}: ${repairsLine(badPrints)}`);
    const path = join(dir, `${symbol}.bars`);
    writeWindowFile(path, bars, { symbol, range, warmupMs: 0, provenance: 'file', badPrints, interval });
    return path;
  });
}

/** The span of all files together; where they differ by a day or more it is said which part each has. */
function rangeOfAll(all: readonly Bars[], files: readonly string[], interval: number): Range {
  const ranges = all.map(({ time, length }) => ({ from: time[0], to: time[length - 1] + interval }));
  const [starts, ends] = [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
  const range = { from: Math.min(...starts), to: Math.max(...ends) };
  const spans = ranges.map(({ from, to }, i) => `${files[i]}: bars from ${isoMinute(from)} to ${isoMinute(to)}`);
  if (Math.min(...ends) <= Math.max(...starts))
    throw new UsageError(`--bars: the files have no time in common\n  ${spans.join('\n  ')}`, {
      remedy: 'Give files of the same time, or play each symbol alone.',
    });
  const differ = ranges.some(({ from, to }) => from - range.from >= DAY || range.to - to >= DAY);
  if (differ)
    say(
      `${spans.join('\n')}\nthe window is ${isoMinute(range.from)} to ${isoMinute(range.to)}: before its first bar a symbol is not traded, and one whose bars end earlier is sold at its last`,
    );
  return range;
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
