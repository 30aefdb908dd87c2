import { join, resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type MarketConfig, readMarketConfig } from '../../market/config.ts';
import { type Database, openDatabase } from '../../market/database.ts';
import { badArguments } from '../help.ts';

const PROJECT = join(import.meta.dirname, '../../..');

/** Options that every verb of `data` takes. */
export const COMMON = {
  json: { type: 'boolean', default: false },
  config: { type: 'string', default: join(PROJECT, 'config/market.yaml') },
  'data-dir': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** parseArgs with a usage error (exit 2) instead of a bare TypeError. */
export function readArgs<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T, usage: string) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw badArguments(error, usage) ?? error;
  }
}

/** The market config with the folder that the command line may override; a run finds the same one from anywhere. */
export function marketOf(values: { config: string; 'data-dir'?: string }): MarketConfig {
  const config = readMarketConfig(values.config);
  return { ...config, dataDir: values['data-dir'] ?? resolve(PROJECT, config.dataDir) };
}

/** Opens the configured database, hands it to `work` and closes it whatever happens. */
export async function withDatabase<T>(config: MarketConfig, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ dataDir: config.dataDir, url: process.env.DATABASE_URL });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
