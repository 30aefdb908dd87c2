import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { databaseClosed, fillFrom } from '../../../src/lab/template.ts';
import { type Database, openDatabase } from '../../../src/market/database.ts';

/** One embedded database for all cases of a file, filled once, in a folder that is gone afterwards. */
export function sharedDatabase(fill?: (db: Database) => Promise<unknown>): { db: () => Database; dir: () => string } {
  let database: Database;
  let folder = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ralph-market-'));
    await emptyDatabase(folder);
    database = await openDatabase({ dataDir: folder });
    await fill?.(database);
  });
  after(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return { db: () => database, dir: () => folder };
}

/** Puts an embedded database without bars into a folder. */
export async function emptyDatabase(dataDir: string): Promise<void> {
  await fillFrom('database', dataDir, async (folder) => {
    await (await openDatabase({ dataDir: folder })).close();
    await databaseClosed(folder);
  });
}
