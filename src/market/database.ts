import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { UsageError } from '../base/errors.ts';
import { takeLease } from './embedded/lease.ts';
import { explainDatabaseError, isLost } from './explain.ts';
import { type OwnTable, type OwnTableOptions, openOwnTable } from './own/own-table.ts';
import { openPool } from './server/pool.ts';
import { type Abilities, prepareServer } from './server/prepare.ts';

/** A database with Ralph's schema in it, whichever kind it is. */
export interface Database extends Abilities {
  /** Answers SQL in which Ralph's own schema is called `ralph.` and the extension's `tsdb.`, whatever they are called there. */
  readonly pool: pg.Pool;
  /** Connection string; holds the password, so never print it. */
  readonly url: string;
  readonly kind: 'embedded' | 'server';
  /** The user's own table, when bars come from there. */
  readonly source?: OwnTable;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Folder of the embedded database; used when there is no url. */
  readonly dataDir: string;
  /** The user's server; the caller passes the secret DATABASE_URL. */
  readonly url?: string;
  /** Schema of Ralph's tables on the user's server. */
  readonly schema?: string;
  /** The user's own table on the server: then nothing is written there. */
  readonly source?: OwnTableOptions;
}

/**
 * Opens the user's server, or the embedded TimescaleDB of `dataDir`, and brings its schema up to date.
 * Throws RalphError with a remedy when it cannot be reached or lacks the extension.
 */
export async function openDatabase({ dataDir, url, schema, source }: DatabaseOptions): Promise<Database> {
  if (url) return connect(url, 'server', () => {}, schema, source);
  if (source)
    throw new UsageError('market.yaml names a table (source), and DATABASE_URL does not say on which server', {
      remedy: 'Set DATABASE_URL, or take `source` out of market.yaml.',
    });
  for (let attempt = 1; ; attempt++) {
    const lease = await takeLease(join(dataDir, 'db'));
    const { port, password } = lease.address;
    const address = `postgres://ralph:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
    try {
      return await connect(address, 'embedded', lease.release);
    } catch (error) {
      // the keeper we met may be closing or dying: try again
      const { cause } = error as Error & { cause?: { code?: string } };
      if (attempt === ATTEMPTS || !(isLost(cause) || cause?.code === 'ECONNREFUSED')) throw error;
      await sleep(200);
    }
  }
}

const ATTEMPTS = 10;
/** An ingest needs two at a time, one for its lock. A server with few of them has other users, too. */
const CONNECTIONS = 3;

async function connect(
  url: string,
  kind: Database['kind'],
  release: () => void,
  schema = 'ralph',
  own?: OwnTableOptions,
): Promise<Database> {
  const names = { schema, extension: 'public' };
  let pool: pg.Pool | undefined;
  const close = async () => {
    await pool?.end();
    release();
  };
  try {
    pool = await openPool(url, names, CONNECTIONS);
    if (own) {
      const source = await withClient({ pool }, (client) => openOwnTable(client, own));
      return { readOnly: true, aggregates: false, weaker: [], pool, url, kind, source, close };
    }
    const abilities = await withClient({ pool }, (client) => prepareServer(client, names));
    return { ...abilities, pool, url, kind, close };
  } catch (error) {
    await close();
    throw explainDatabaseError(error, url);
  }
}

/** Lends a connection to `work`. After a failure it is closed: it may be inside a transaction, which closing rolls back. */
export async function withClient<T>(
  { pool }: { pool: pg.Pool },
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}
