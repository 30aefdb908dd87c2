import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectFile } from '../base/roots.ts';
import { secret } from '../base/secrets.ts';
import { databaseOf, type MarketConfig, readMarketConfig } from '../market/config.ts';
import type { DatabaseOptions } from '../market/database.ts';

/** A config file by name: the one in `folder` if it is there, else the project's, else the package's. */
export function configPath(projectDir: string, folder: string, name: string): string {
  const own = join(folder, name);
  return existsSync(own) ? own : projectFile(projectDir, 'config', name);
}

/** market.yaml of a project. Throws RalphError (exit 2). */
export function readMarket({ projectDir, configDir }: { projectDir: string; configDir: string }): MarketConfig {
  return readMarketConfig(configPath(projectDir, configDir, 'market.yaml'));
}

/** The database of a project's market: the user's, or that of the data folder. */
export function databaseFor(projectDir: string, market: MarketConfig): DatabaseOptions {
  return databaseOf(market, resolve(projectDir, market.dataDir), secret('DATABASE_URL'));
}
