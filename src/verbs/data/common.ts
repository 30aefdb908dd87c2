import { resolve } from 'node:path';
import { closing } from '../../base/closing.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { secret } from '../../base/secrets.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { databaseOf, type MarketConfig, readMarketConfig } from '../../market/config.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../market/database.ts';
import { configPath } from '../../task/config-path.ts';

/** The market config, with the data folder that the command line may override; a path in the config starts at the project. */
export function marketOf(path: string, dataDir?: string): MarketConfig {
  const config = readMarketConfig(path);
  return { ...config, dataDir: dataDir ?? resolve(PROJECT_DIR, config.dataDir) };
}

/** The same of a config folder. */
export function marketIn(configDir: string): MarketConfig {
  return marketOf(configPath(PROJECT_DIR, configDir, 'market.yaml'));
}

/** Opens the configured database, hands it to `work` and closes it whatever happens. */
export async function withDatabase<T>(market: MarketConfig, work: (db: Database) => Promise<T>): Promise<T> {
  await using db = closing(await openDatabase(databaseAt(market)));
  return await work(db);
}

/** The same with the ledger of those data. */
export async function withLedger<T>(market: MarketConfig, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  await using ledger = closing(openLedger(databaseAt(market)));
  return await work(ledger);
}

/** The server of DATABASE_URL, or the data folder. */
function databaseAt(market: MarketConfig): DatabaseOptions {
  return databaseOf(market, market.dataDir, secret('DATABASE_URL'));
}
