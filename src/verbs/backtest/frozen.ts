import { join, resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { secret } from '../../base/secrets.ts';
import { say } from '../../base/terminal.ts';
import { executionBar } from '../../journal/projections/text.ts';
import { MINUTE } from '../../market/bars.ts';
import { badPrintRuleOf, databaseOf, type MarketConfig } from '../../market/config.ts';
import { openDatabase } from '../../market/database.ts';
import { qualityOf } from '../../market/quality.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { type Traded, tradedBy, type Wanted } from '../../market/universe/traded.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { configPath } from '../../task/config-path.ts';
import { universesOf } from '../../task/trading/open.ts';

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
  const dataDir = resolve(PROJECT_DIR, market.dataDir);
  const database = await openDatabase(databaseOf(market, dataDir, secret('DATABASE_URL')));
  try {
    const dir = join(dataDir, 'windows');
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
  } finally {
    await database.close();
  }
}
