import type pg from 'pg';
import { failpoint } from '../../base/failpoint.ts';
import { bars } from './001-bars.ts';
import { aggregates } from './002-aggregates.ts';
import { reader } from './003-reader.ts';
import { compression } from './004-compression.ts';
import { trials } from './005-trials.ts';

/** The steps of the schema. Each is applied once, in one transaction with the note that it was; never edited once released. */
const MIGRATIONS = [bars, aggregates, reader, compression, trials];

/** An arbitrary number that names this lock among the advisory locks of a server. */
const LOCK = 720_317_553;

/** Brings the schema up to date. Safe to repeat, safe to run from two processes, and to kill at any point. */
export async function migrate(client: pg.PoolClient): Promise<number> {
  await client.query('create schema if not exists ralph');
  await client.query(
    'create table if not exists ralph.migrations (number integer primary key, name text not null, applied timestamptz not null default now())',
  );
  let applied = 0;
  for (const { number, name, sql } of MIGRATIONS) {
    await client.query('begin');
    try {
      await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
      const known = await client.query('select 1 from ralph.migrations where number = $1', [number]);
      if (known.rowCount === 0) {
        await client.query(sql);
        await client.query('insert into ralph.migrations (number, name) values ($1, $2)', [number, name]);
        failpoint('market.migration.before');
        applied += 1;
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }
  return applied;
}
