import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RalphError } from '../../base/errors.ts';
import type { Database } from '../database.ts';
import { lockFolder } from '../embedded/lock.ts';

const ADVISORY = 720_317_554;

/** One ingest at a time per database, because both would go on with the same half-done file. Answers the unlocking. */
export async function lockIngest(db: Database, dataDir: string): Promise<() => Promise<void>> {
  const busy = () =>
    new RalphError('another ingest into this database is running', {
      remedy: 'Wait for it, or end it; then repeat the command.',
    });
  if (db.kind === 'embedded') {
    // the embedded server has one session for all clients, so an advisory lock would not keep two apart
    mkdirSync(dataDir, { recursive: true });
    const lock = lockFolder(join(dataDir, 'ingest.lock.sqlite'));
    if (!lock) throw busy();
    return async () => lock.release();
  }
  const client = await db.pool.connect();
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [ADVISORY]);
  if (!rows[0].locked) {
    client.release();
    throw busy();
  }
  return async () => {
    // closing the connection gives the lock up, also when the server is gone
    client.release(true);
  };
}
