import type pg from 'pg';
import { withClient } from '../../market/database.ts';
import { inTransaction } from '../../market/server/pool.ts';

/** Schemas of the fleet on the user's server: the queue is pg-boss's own, the rest stands beside it. */
export interface Schemas {
  readonly queue: string;
  readonly fleet: string;
}

/** What a schema may be called: others are named after it, and stand in statements without quotes. */
export const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,40}$/;

export function schemasOf(schema = 'ralph'): Schemas {
  return { queue: `${schema}_queue`, fleet: `${schema}_fleet` };
}

/** The roles that workers and islands log in with, made by config/workers.sql. */
const WORKER = 'ralph_worker';
const ISLAND = 'ralph_island';

/**
 * The tables beside the queue. Answers are not logged: after a crash of the server they are empty, and what is missing is evaluated again. They
 * are stored as they come, because compressing floating-point numbers costs more than it saves.
 */
const tables = ({ fleet }: Schemas) => `
  create schema if not exists ${fleet};
  create table if not exists ${fleet}.runs (
    run text primary key, tag text not null, host text not null, engine text not null, checked text not null,
    state text not null, beat timestamptz not null);
  create table if not exists ${fleet}.hosts (
    host text primary key, name text not null, engine text not null, version text not null, processes int not null,
    busy int not null, done int not null, failed int not null, late int not null, load real not null,
    since timestamptz not null, beat timestamptz not null);
  create table if not exists ${fleet}.windows (
    fingerprint text, piece int, pieces int not null, bytes bytea not null, primary key (fingerprint, piece));
  create table if not exists ${fleet}.candidates (
    candidate text primary key, body bytea not null, at timestamptz not null default now());
  create unlogged table if not exists ${fleet}.answers (
    job uuid primary key, host text not null, kind text not null, milliseconds real not null, fingerprint text not null,
    bytes bytea not null, at timestamptz not null default now());
  alter table ${fleet}.answers alter bytes set storage external;
  create table if not exists ${fleet}.islands (
    island text primary key, name text not null, version text not null, code text not null, model text not null,
    capabilities jsonb not null, sessions int not null, busy int not null, held int not null, lost int not null, load real not null,
    beat timestamptz not null);
  create table if not exists ${fleet}.talks (
    talk uuid primary key, run text not null, spec bytea not null, at timestamptz not null default now());
  create table if not exists ${fleet}.letters (
    talk uuid references ${fleet}.talks on delete cascade, side text, seq int, body bytea not null,
    primary key (talk, side, seq))`;

/** Takes jobs from the queue and ends them. */
const queueGrants = ({ queue, fleet }: Schemas, role: string) => `
  grant usage on schema ${queue}, ${fleet} to ${role};
  grant select on ${queue}.version to ${role};
  grant select, insert, delete on ${queue}.queue to ${role};
  grant select, insert, update, delete on ${queue}.job, ${queue}.job_common to ${role};`;

/** Queues of a role by how their names begin, and those that one process of it makes for itself. */
const QUEUES = { [WORKER]: 'evaluations', [ISLAND]: 'sessions' };
const OWN_QUEUE = '-[0-9a-f]{16}-[0-9a-f]{8}$';

/** Jobs of its own kind alone, and no end of a queue that others take from: rights over a table cannot say which rows. */
const queuePolicies = ({ queue }: Schemas, role: keyof typeof QUEUES) => `
  ${['job', 'job_common']
    .map(
      (table) => `
  alter table ${queue}.${table} enable row level security;
  create policy ${role} on ${queue}.${table} to ${role} using (name like '${QUEUES[role]}-%');`,
    )
    .join('')}
  alter table ${queue}.queue enable row level security;
  create policy ${role} on ${queue}.queue for select to ${role} using (true);
  create policy ${role}_makes on ${queue}.queue for insert to ${role} with check (name ~ '^${QUEUES[role]}${OWN_QUEUE}');
  create policy ${role}_ends on ${queue}.queue for delete to ${role} using (name ~ '^${QUEUES[role]}${OWN_QUEUE}');`;

/** What a worker may beside that: read what it evaluates and write answers. No bars, no ledger, no journal, no holdout, no session. */
const workerGrants = ({ fleet }: Schemas) => `
  grant select on ${fleet}.runs, ${fleet}.windows, ${fleet}.candidates to ${WORKER};
  grant select, insert, update, delete on ${fleet}.hosts to ${WORKER};
  grant select, insert on ${fleet}.answers to ${WORKER}`;

/** What an island may beside that: hold sessions. No candidate as workers get it, no answer, no window. */
const islandGrants = ({ fleet }: Schemas) => `
  grant select on ${fleet}.talks to ${ISLAND};
  grant select, insert on ${fleet}.letters to ${ISLAND};
  grant select, insert, update, delete on ${fleet}.islands to ${ISLAND}`;

/** Makes the tables where they are missing, one process at a time, and gives the roles their rights where they are there. */
export async function prepareTables(pool: pg.Pool, schemas: Schemas): Promise<void> {
  const prepare = async (client: pg.PoolClient) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [schemas.fleet]);
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `${schemas.fleet}.letters`,
    ]);
    if (!rows[0].there) await client.query(tables(schemas));
    const roles = await client.query<{ name: keyof typeof QUEUES; bound: boolean }>(
      `select rolname as name, exists (select from pg_policies where schemaname = $2 and policyname = rolname) as bound
       from pg_roles where rolname = any($1)`,
      [[WORKER, ISLAND], schemas.queue],
    );
    for (const { name, bound } of roles.rows) {
      if (!bound) await client.query(queuePolicies(schemas, name));
      await client.query(queueGrants(schemas, name));
      await client.query((name === WORKER ? workerGrants : islandGrants)(schemas));
    }
  };
  await withClient({ pool }, (client) => inTransaction(client, () => prepare(client)));
}
