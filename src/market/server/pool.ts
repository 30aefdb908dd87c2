import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { messageOf } from '../../base/errors.ts';
import { type Address, parseAddress } from './address.ts';

/** What the SQL of this project calls `ralph.` and `tsdb.`: Ralph's own schema, and the one that holds the extension. */
export interface Names {
  schema: string;
  /** Quoted where it must be. */
  extension: string;
}

/** SQL with the schemas by their names on this server. A name in quotes ("ralph".candles) is the user's own and stays. */
function named(sql: string, { schema, extension }: Names): string {
  return sql.replace(/\b(ralph|tsdb)\.(?=[a-z_])/g, (_, which) => `${which === 'ralph' ? schema : extension}.`);
}

/**
 * Connects to a server by the first kind of encryption that it takes, and answers a pool that has been used once. It keeps no state in a
 * session and sends no startup options but `settings` (such as `-c name=value`), so that without them it works behind PgBouncer in transaction mode.
 */
export async function openPool(url: string, names: Names, max: number, settings = ''): Promise<pg.Pool> {
  const { config: given, ways } = parseAddress(url);
  const options = `${given.options ?? ''} ${settings}`.trim();
  const config = options === '' ? given : { ...given, options };
  for (const [k, ssl] of ways.entries()) {
    const pool = makePool(config, ssl, names, max);
    try {
      (await pool.connect()).release();
      return pool;
    } catch (error) {
      await pool.end();
      if (k === ways.length - 1 || !wantsOtherWay(error)) throw error;
    }
  }
  throw new Error('no kind of encryption was left to try');
}

function makePool(config: Address['config'], ssl: ConnectionOptions | false, names: Names, max: number): pg.Pool {
  // One connection less to ask for each time costs little; an idle one may be what a small server lacks.
  const sizes = { max, idleTimeoutMillis: 10_000, allowExitOnIdle: true };
  const pool = new pg.Pool({ ...config, ssl, ...sizes, Client: namingClient(names) } as pg.PoolConfig);
  // an idle connection that breaks must not end the process; the next query reports it
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** The server has no encryption, or insists on it. */
function wantsOtherWay(error: unknown): boolean {
  return /does not support SSL|no encryption|SSL (is )?required|SSL off/i.test(messageOf(error));
}

/** A client that puts the names into whatever it is asked. */
function namingClient(names: Names): typeof pg.Client {
  return class extends pg.Client {
    override query(...asked: unknown[]): never {
      const [first, ...rest] = asked as [string | { text: string }, ...unknown[]];
      if (typeof first !== 'string') first.text = named(first.text, names);
      const sql = typeof first === 'string' ? named(first, names) : first;
      return (super.query as (...args: unknown[]) => never)(sql, ...rest);
    }
  };
}

/** Limits of the role or the server that must not end a long piece of work half-way. */
const LIMITS = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
  'timescaledb.max_tuples_decompressed_per_dml_transaction',
];

/** Does some work in such a transaction: it is committed at the end, rolled back when the work throws. */
export async function inTransaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await beginWork(client);
  try {
    const done = await work();
    await client.query('commit');
    return done;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** How many rows there are: `from` is what stands behind `from` in SQL. */
export async function countOf(client: pg.ClientBase, from: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${from}`, [...values]);
  return Number(rows[0].n);
}

/** Begins a transaction without those limits. They come back with its end; nothing is changed in the session. */
export async function beginWork(client: pg.ClientBase, how = ''): Promise<void> {
  await client.query(`begin ${how}`);
  await client.query(
    `select set_config(name, '0', true) from pg_settings where name in (${LIMITS.map((name) => `'${name}'`).join(', ')})`,
  );
}
