import { join, resolve } from 'node:path';
import { PROJECT_DIR } from '../../base/roots.ts';
import { secret } from '../../base/secrets.ts';
import { say } from '../../base/terminal.ts';
import { executionBar } from '../../journal/projections/text.ts';
import { MINUTE } from '../../market/bars.ts';
import { badPrintRuleOf, databaseOf, type MarketConfig } from '../../market/config.ts';
import { openDatabase } from '../../market/database.ts';
import { qualityOf } from '../../market/quality.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { configPath } from '../../task/config-path.ts';

/** Window files of the database: train, or the selection folds in order. Only `promote` opens the holdout: counted and logged. */
export async function windowsFromDatabase(
  window: 'train' | 'selection',
  symbols: readonly string[],
  market: MarketConfig,
  configDir: string,
): Promise<string[][]> {
  const windows = readWindowsConfig(configPath(PROJECT_DIR, configDir, 'windows.yaml'));
  const dataDir = resolve(PROJECT_DIR, market.dataDir);
  const database = await openDatabase(databaseOf(market, dataDir, secret('DATABASE_URL')));
  try {
    const dir = join(dataDir, 'windows');
    const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
    const frozen = await freezeWindows(database, {
      windows,
      symbols,
      dir,
      badPrints,
      quality: (symbol) => qualityOf(market, symbol),
    });
    const [{ interval }] = frozen.train;
    if (interval !== MINUTE) say(executionBar([{ interval }]));
    if (window === 'train') return [frozen.train.map(({ path }) => path)];
    say('selection numbers are for your eyes: what you choose by them is no longer tested by them');
    return frozen.selection.map((fold) => fold.map(({ path }) => path));
  } finally {
    await database.close();
  }
}
