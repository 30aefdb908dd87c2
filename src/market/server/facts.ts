import type pg from 'pg';

/** What a server lets this user do. Looked up before anything is asked for. */
export interface Facts {
  readonly user: string;
  readonly database: string;
  /** PostgreSQL's own, such as 150020. */
  readonly version: number;
  /** Schema of the extension; null without it. */
  readonly extension: string | null;
  readonly timescale: string | null;
  /** The Apache-only licence has hypertables, but neither compression nor continuous aggregates. */
  readonly apache: boolean;
  readonly mayCreateSchema: boolean;
  readonly mayCreateRole: boolean;
  readonly schemaThere: boolean;
  readonly readerThere: boolean;
  readonly readOnly: boolean;
}

export async function lookAt(client: pg.ClientBase, schema: string): Promise<Facts> {
  const { rows } = await client.query<Facts>(
    `select current_user as "user", current_database() as database, current_setting('server_version_num')::int as version,
       (select quote_ident(nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
         where extname = 'timescaledb') as extension,
       (select extversion from pg_extension where extname = 'timescaledb') as timescale,
       coalesce(current_setting('timescaledb.license', true), '') = 'apache' as apache,
       has_database_privilege(current_database(), 'create') as "mayCreateSchema",
       (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as "mayCreateRole",
       exists (select 1 from pg_namespace where nspname = $1) as "schemaThere",
       exists (select 1 from pg_roles where rolname = 'ralph_reader') as "readerThere",
       pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "readOnly"`,
    [schema],
  );
  return rows[0];
}
