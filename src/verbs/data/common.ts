import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closing } from '../../base/closing.ts';
import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { secret } from '../../base/secrets.ts';
import type { RunEvent } from '../../journal/events.ts';
import { configFolderOf } from '../../journal/projections/rows.ts';
import type { Book } from '../../ledger/book.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { StoreDamaged } from '../../ledger/store.ts';
import { databaseOf, type MarketConfig, readMarketConfig } from '../../market/config.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../market/database.ts';
import { configPath } from '../../task/config-path.ts';
import { doerOf } from '../../task/doer.ts';

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

/**
 * What the ledger knows of a run; undefined where there is no ledger yet, or where it cannot be asked: then what that means for the caller
 * (`otherwise`) is said. A damaged one goes to `damaged`, where that is given.
 */
export async function askLedger<T>(
  events: readonly RunEvent[],
  config: string | undefined,
  ask: (book: Book, run: string) => T,
  otherwise: string,
  damaged?: (damage: StoreDamaged) => T,
): Promise<T | undefined> {
  try {
    const market = marketIn(config ?? configFolderOf(events, PROJECT_DIR));
    if (!secret('DATABASE_URL') && !existsSync(join(market.dataDir, 'ledger.sqlite'))) return undefined;
    const { run } = doerOf(events, '');
    return await withLedger(market, (ledger) => ledger.add([], (book) => ask(book, run)));
  } catch (thrown) {
    if (damaged && thrown instanceof StoreDamaged) return damaged(thrown);
    say(`the ledger does not answer (${messageOf(thrown)}): ${otherwise}`);
    return undefined;
  }
}

/** The file or the table in which the ledger of a run is. */
export function ledgerPlace(events: readonly RunEvent[]): string {
  if (secret('DATABASE_URL')) return 'ralph.ledger';
  return join(marketIn(configFolderOf(events, PROJECT_DIR)).dataDir, 'ledger.sqlite');
}

/** The server of DATABASE_URL, or the data folder. */
function databaseAt(market: MarketConfig): DatabaseOptions {
  return databaseOf(market, market.dataDir, secret('DATABASE_URL'));
}
