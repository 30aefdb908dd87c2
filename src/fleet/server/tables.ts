import type pg from 'pg';

/** Schemas of the fleet on the user's server: the queue is pg-boss's own, the rest stands beside it. */
export interface Schemas {
  readonly queue: string;
  readonly fleet: string;
}

export function schemasOf(schema = 'ralph'): Schemas {
  return { queue: `${schema}_queue`, fleet: `${schema}_fleet` };
}

/** The role that workers log in with, made by config/workers.sql. */
const WORKER = 'ralph_worker';

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
  alter table ${fleet}.answers alter bytes set storage external`;

/** What a worker may: read what it evaluates, take jobs, write answers. No bars, no ledger, no journal, no holdout. */
const grants = ({ queue, fleet }: Schemas) => `
  grant usage on schema ${queue}, ${fleet} to ${WORKER};
  grant select on ${queue}.version to ${WORKER};
  grant select, insert, delete on ${queue}.queue to ${WORKER};
  grant select, insert, update, delete on ${queue}.job, ${queue}.job_common to ${WORKER};
  grant select on ${fleet}.runs, ${fleet}.windows, ${fleet}.candidates to ${WORKER};
  grant select, insert, update, delete on ${fleet}.hosts to ${WORKER};
  grant select, insert on ${fleet}.answers to ${WORKER}`;

/** Makes the tables where they are missing, one process at a time, and gives the workers' role its rights where there is one. */
export async function prepareTables(pool: pg.Pool, schemas: Schemas): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [schemas.fleet]);
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `${schemas.fleet}.answers`,
    ]);
    if (!rows[0].there) await client.query(tables(schemas));
    const role = await client.query('select 1 from pg_roles where rolname = $1', [WORKER]);
    if (role.rows.length > 0) await client.query(grants(schemas));
    await client.query('commit');
  } catch (thrown) {
    await client.query('rollback').catch(() => {});
    throw thrown;
  } finally {
    client.release();
  }
}
