import type pg from 'pg';
import { say } from '../../base/draw/terminal.ts';
import { messageOf, RalphError } from '../../base/errors.ts';
import { migrate } from '../migrations/apply.ts';
import { type Facts, lookAt } from './facts.ts';
import type { Names } from './pool.ts';

/** What Ralph can do in a database that it has opened. */
export interface Abilities {
  /** Bars may be read, nothing may be written. */
  readonly readOnly: boolean;
  /** Coarser bars are continuous aggregates that must be refreshed; without, views over the minutes. */
  readonly aggregates: boolean;
  /** What is weaker here than elsewhere, a line each. */
  readonly weaker: readonly string[];
}

/**
 * Brings the schema up to date where it is not, with what this user may do. Throws RalphError that names the right which is missing
 * and who can give it.
 */
export async function prepareServer(client: pg.PoolClient, names: Names): Promise<Abilities> {
  const { schema } = names;
  let facts = await lookAt(client, schema);
  if (facts.extension === null) {
    await client.query('create extension if not exists timescaledb').catch((error: unknown) => {
      throw new Error(`timescaledb is not installed: ${messageOf(error)}`, { cause: error });
    });
    facts = await lookAt(client, schema);
  }
  names.extension = facts.extension ?? 'public';
  if ((facts.timescale ?? '').localeCompare('2.13', 'en', { numeric: true }) < 0)
    throw new RalphError(`TimescaleDB ${facts.timescale} is too old: Ralph needs 2.13 or newer`, {
      remedy: 'Update the extension on the server: alter extension timescaledb update.',
    });
  const applied = await migrate(client, schema, facts);
  const abilities = await abilitiesOf(client, facts);
  if (applied > 0) for (const line of abilities.weaker) say(`database: ${line}`);
  return abilities;
}

async function abilitiesOf(client: pg.ClientBase, facts: Facts): Promise<Abilities> {
  const { rows } = await client.query<{ reads: boolean; writes: boolean; aggregates: boolean; reader: boolean }>(
    `select has_table_privilege('ralph.bars', 'select') as reads, has_table_privilege('ralph.bars', 'insert') as writes,
       exists (select 1 from pg_roles where rolname = 'ralph_reader'
         and has_table_privilege(oid, 'ralph.visible_bars', 'select')) as reader,
       exists (select 1 from timescaledb_information.continuous_aggregates
         where format('%I.%I', view_schema, view_name)::regclass = 'ralph.bars_5m'::regclass) as aggregates`,
  );
  const [{ reads, writes, aggregates, reader }] = rows;
  if (!reads)
    throw new RalphError(`the user ${facts.user} may not read Ralph's tables in ${facts.database}`, {
      remedy: `As the owner of the tables: grant usage on schema SCHEMA to ${facts.user}; grant select on all tables in schema SCHEMA to ${facts.user}.`,
    });
  const readOnly = facts.readOnly || !writes;
  const weaker = [
    !reader &&
      `no role ralph_reader (${facts.user} may create no roles): other programs that read these tables are not held behind the train cutoff`,
    facts.apache && 'the Apache-only licence: bars are not compressed, and coarser bars are computed at each question',
    readOnly &&
      `${facts.user} may only read: spending and results are kept in the data folder, and no other machine sees them`,
  ];
  return { readOnly, aggregates: aggregates && !facts.apache, weaker: weaker.filter((line) => line !== false) };
}
