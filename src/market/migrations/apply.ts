import type pg from 'pg';
import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Facts } from '../server/facts.ts';
import { inTransaction } from '../server/pool.ts';
import { grantsOf, MIGRATIONS } from './steps.ts';

/** An arbitrary number that names this lock among the advisory locks of a server. */
const LOCK = 720_317_553;

/**
 * Brings the schema up to date and answers the number of steps taken. Safe to repeat, to run from two processes, and to kill at any point.
 * What is there already is not asked for again: a user who may only read prepared tables gets through.
 */
export async function migrate(client: pg.PoolClient, schema: string, facts: Facts): Promise<number> {
  const known = await appliedSteps(client);
  const missing = MIGRATIONS.filter(({ number }) => !known.has(number));
  const openReader = await needsReader(client, facts, missing.length > 0);
  if (missing.length === 0 && !openReader) return 0;
  if (missing.length > 0) refuseWithoutRights(schema, facts);
  await inOneStep(client, async () => {
    if (!facts.schemaThere) await client.query(`create schema if not exists ${schema}`);
    if (known.size === 0)
      await client.query(
        'create table if not exists ralph.migrations (number integer primary key, name text not null, applied timestamptz not null default now())',
      );
  });
  let applied = 0;
  for (const { number, name, sql } of missing)
    await inOneStep(client, async () => {
      const done = await client.query('select 1 from ralph.migrations where number = $1', [number]);
      if (done.rowCount) return;
      const text = typeof sql === 'string' ? sql : sql(facts, schema);
      if (text !== '') await client.query(text);
      await client.query('insert into ralph.migrations (number, name) values ($1, $2)', [number, name]);
      failpoint('market.migration.before');
      applied += 1;
    });
  if (openReader) await inOneStep(client, () => grantToReader(client, schema, facts));
  return applied;
}

async function appliedSteps(client: pg.PoolClient): Promise<Set<number>> {
  const there = await client.query<{ found: boolean }>("select to_regclass('ralph.migrations') is not null as found");
  if (!there.rows[0].found) return new Set();
  const { rows } = await client.query<{ number: number }>('select number from ralph.migrations');
  return new Set(rows.map(({ number }) => number));
}

/** The role can be had, and does not have the views yet. Only their owner can grant them. */
async function needsReader(client: pg.PoolClient, facts: Facts, fresh: boolean): Promise<boolean> {
  if (facts.readOnly || !(facts.readerThere || facts.mayCreateRole)) return false;
  if (fresh) return true;
  const { rows } = await client.query<{ owned: boolean; granted: boolean }>(
    `select pg_has_role(relowner, 'usage') as owned, exists (select 1 from pg_roles where rolname = 'ralph_reader'
       and has_table_privilege(oid, 'ralph.visible_bars_1d', 'select')) as granted
     from pg_class where oid = 'ralph.visible_bars_1d'::regclass`,
  );
  return rows[0].owned && !rows[0].granted;
}

async function grantToReader(client: pg.PoolClient, schema: string, { readerThere }: Facts): Promise<void> {
  // all databases of a server share their roles
  if (!readerThere)
    await client.query(
      `do $$ begin create role ralph_reader nologin; exception when duplicate_object then null; end $$`,
    );
  await client.query(grantsOf(schema));
}

function refuseWithoutRights(schema: string, { user, database, readOnly, ...facts }: Facts): void {
  if (readOnly)
    throw new RalphError(
      `the database ${database} can only be read, and Ralph's tables are not there or not up to date`,
      { remedy: 'Name the server that takes writes in DATABASE_URL once: npm run ralph -- data list.' },
    );
  if (facts.schemaThere || facts.mayCreateSchema) return;
  throw new RalphError(`the user ${user} may not create the schema ${schema} in the database ${database}`, {
    remedy: `As the owner of the database: create schema ${schema} authorization ${user}; or: grant create on database ${database} to ${user}.`,
  });
}

async function inOneStep(client: pg.PoolClient, work: () => Promise<void>): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await work();
  });
}
