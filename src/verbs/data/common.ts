import { resolve } from 'node:path';
import { PROJECT_DIR } from '../../base/roots.ts';
import { secret } from '../../base/secrets.ts';
import { databaseOf, type MarketConfig, readMarketConfig } from '../../market/config.ts';
import { type Database, openDatabase } from '../../market/database.ts';
import type { Wish } from '../../market/ingest/detect.ts';

/** The market config, with the data folder that the command line may override; a path in the config starts at the project. */
export function marketOf(path: string, dataDir: string | undefined): MarketConfig {
  const config = readMarketConfig(path);
  return { ...config, dataDir: dataDir ?? resolve(PROJECT_DIR, config.dataDir) };
}

/** Opens the configured database, hands it to `work` and closes it whatever happens. */
export async function withDatabase<T>(config: MarketConfig, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(databaseOf(config, config.dataDir, secret('DATABASE_URL')));
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** How to read a file, as the options of the command line say it. */
export function wishOf({ noVolume, ...given }: Wish & { readonly noVolume: boolean }): Wish {
  const { format, columns, timezone, label, interval, dates, open, volume } = given;
  return { format, columns, timezone, label, interval, dates, open, volume: noVolume ? 'none' : volume };
}
