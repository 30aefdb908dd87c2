import { join, resolve } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import { say } from '../../base/terminal.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import { openDatabase } from '../../market/database.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { readWindowsConfig } from '../../market/windows.ts';

/**
 * Window files of the database: train, or the selection folds in order. The holdout is no answer here: it is opened by
 * `promote` alone, counted and logged.
 */
export async function windowsFromDatabase(
  window: string,
  symbols: readonly string[],
  market: MarketConfig,
  configDir: string,
): Promise<string[][]> {
  if (window === 'holdout') {
    throw new RalphError('the holdout is not opened by a backtest', {
      remedy: 'Use `npm run ralph -- promote`, which counts and logs every look.',
      exitCode: EXIT.usage,
    });
  }
  if (window !== 'train' && window !== 'selection') {
    throw new RalphError(`--window: expected train or selection, got ${window}`, {
      remedy: 'Leave it out for train.',
      exitCode: EXIT.usage,
    });
  }
  const windows = readWindowsConfig(join(configDir, 'windows.yaml'));
  const dataDir = resolve(import.meta.dirname, '../../..', market.dataDir);
  const database = await openDatabase({ dataDir, url: process.env.DATABASE_URL });
  try {
    const dir = join(dataDir, 'windows');
    const badPrints = (symbol: string) => badPrintRuleOf(market, symbol);
    const frozen = await freezeWindows(database, { windows, symbols, dir, badPrints });
    if (window === 'train') return [frozen.train.map(({ path }) => path)];
    say('selection numbers are for your eyes: whatever you choose by them is no longer tested by them');
    return frozen.selection.map((fold) => fold.map(({ path }) => path));
  } finally {
    await database.close();
  }
}
