import { join } from 'node:path';
import pg from 'pg';
import { messageOf } from '../base/errors.ts';
import { takeLease } from './embedded/lease.ts';
import { explainDatabaseError, isLost } from './explain.ts';
import { migrate } from './migrations/apply.ts';

/** A database with Ralph's schema in it, whichever kind it is. */
export interface Database {
  readonly pool: pg.Pool;
  /** Connection string; holds the password, so never print it. */
  readonly url: string;
  readonly kind: 'embedded' | 'server';
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Folder of the embedded database; used when there is no url. */
  readonly dataDir: string;
  /** The user's server; the caller passes process.env.DATABASE_URL. */
  readonly url?: string;
}

/**
 * Opens the user's server, or the embedded TimescaleDB of `dataDir`, and brings its schema up to date.
 * Throws RalphError with a remedy when it cannot be reached or lacks the extension.
 */
export async function openDatabase({ dataDir, url }: DatabaseOptions): Promise<Database> {
  if (url) return connect(url, 'server', () => {});
  for (let attempt = 1; ; attempt++) {
    const lease = await takeLease(join(dataDir, 'db'));
    const { port, password } = lease.address;
    try {
      return await connect(`postgres://ralph:${password}@127.0.0.1:${port}/postgres`, 'embedded', lease.release);
    } catch (error) {
      // the keeper we met may be closing or dying: try again
      const { cause } = error as Error & { cause?: { code?: string } };
      if (attempt === ATTEMPTS || !(isLost(cause) || cause?.code === 'ECONNREFUSED')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const ATTEMPTS = 10;

async function connect(url: string, kind: Database['kind'], release: () => void): Promise<Database> {
  // UTC everywhere: a bucket of a day must not depend on the session's clock
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    options: '-c timezone=UTC',
    connectionTimeoutMillis: 60_000,
  });
  // an idle connection that breaks must not end the process; the next query reports it
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const close = async () => {
    await pool.end();
    release();
  };
  try {
    const client = await pool.connect();
    try {
      await prepare(client);
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  } catch (error) {
    await close();
    throw explainDatabaseError(error, url);
  }
  return { pool, url, kind, close };
}

/** Lends a connection to `work`. After a failure it is closed: it may be inside a transaction, which closing rolls back. */
export async function withClient<T>({ pool }: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
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

async function prepare(client: pg.PoolClient): Promise<void> {
  const installed = await client.query("select extversion from pg_extension where extname = 'timescaledb'");
  if (installed.rowCount === 0) {
    await client.query('create extension if not exists timescaledb').catch((error: unknown) => {
      throw new Error(`timescaledb is not installed: ${messageOf(error)}`, { cause: error });
    });
  }
  await migrate(client);
}
