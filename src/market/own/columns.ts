import type pg from 'pg';
import { type RalphError, UsageError } from '../../base/errors.ts';
import type { SourceConfig } from './config.ts';

/** A name as SQL takes it, whatever letters it has. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `schema.table` or `table` as SQL takes it. Quotes of the user's own are kept. */
export function tableName(table: string): string {
  const parts = table.match(/"(?:[^"]|"")+"|[^."]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part : quoted(part))).join('.');
}

/** How the time column becomes a time, and a time becomes a bound that an index on the column can use. */
export interface TimeColumn {
  /** timestamptz of a row. */
  readonly value: string;
  /** What is compared with the column itself; a day wide of the mark at most. */
  bound(epochMs: number): string;
}

const UNITS = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 } as const;

/** What says the time of a row. */
export type Timed = Pick<SourceConfig, 'time' | 'timeUnit' | 'timezone' | 'where'>;

/** Looks the time and the other columns up. Throws RalphError (exit 2) that lists what there is, for a table or a column that is missing. */
export async function readColumns(
  client: pg.ClientBase,
  table: string,
  source: Timed,
  wanted: readonly (string | null | undefined)[],
): Promise<TimeColumn> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  if (rows.length === 0) throw wrong(`there is no table ${table} that this user can see`, await tablesLine(client));
  const has = rows.map(({ name }) => name).join(', ');
  for (const name of [source.time, ...wanted]) {
    if (name == null || rows.some((row) => row.name === name)) continue;
    throw wrong(`${table} has no column "${name}"`, `It has ${has}.`);
  }
  const { type } = rows.find(({ name }) => name === source.time)!;
  return timeColumn(client, table, source, type);
}

async function timeColumn(
  client: pg.ClientBase,
  table: string,
  { time, timeUnit, timezone, where }: Timed,
  type: string,
): Promise<TimeColumn> {
  const name = quoted(time);
  const instant = (epochMs: number) => `timestamptz '${new Date(epochMs).toISOString()}'`;
  const zone = literal(timezone);
  if (type === 'timestamp with time zone') return { value: name, bound: instant };
  if (type === 'timestamp without time zone')
    return { value: `(${name} at time zone ${zone})`, bound: (at) => `(${instant(at)} at time zone ${zone})` };
  if (type === 'date')
    return {
      value: `(${name}::timestamp at time zone ${zone})`,
      bound: (at) => `(${instant(at)} at time zone ${zone})::date`,
    };
  if (!/^(bigint|integer|numeric|double precision|real)$/.test(type))
    throw wrong(
      `the column ${time} of ${table} is ${type}`,
      'Ralph reads timestamptz, timestamp, date, or a number of seconds, ms, us or ns since 1970: make a view with one of them.',
    );
  const unit = UNITS[timeUnit ?? (await unitOf(client, table, name, where))];
  return { value: `to_timestamp(${name}::numeric * ${unit} / 1000)`, bound: (at) => String(Math.round(at / unit)) };
}

/** A number of seconds, ms, us or ns since 1970, told apart by its size: right for every time from 1973 to 5138. */
async function unitOf(
  client: pg.ClientBase,
  table: string,
  column: string,
  where?: string,
): Promise<keyof typeof UNITS> {
  const { rows } = await client.query<{ at: string }>(
    `select ${column}::numeric as at from ${table} where ${column} is not null ${where ? `and (${where})` : ''} limit 1`,
  );
  const size = Math.abs(Number(rows[0]?.at ?? 0));
  if (size < 1e11) return 's';
  if (size < 1e14) return 'ms';
  return size < 1e17 ? 'us' : 'ns';
}

async function tablesLine(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select schemaname || '.' || name as name from (
       select schemaname, tablename as name from pg_tables union all select schemaname, viewname from pg_views) all_of_them
     where schemaname !~ '^(pg_|_?timescaledb|information_schema|toolkit)' and has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(name), 'select')
     order by 1 limit 20`,
  );
  const names = rows.map(({ name }) => name).join(', ');
  return names === ''
    ? 'This user can read no table: grant select on it.'
    : `Correct source.table in market.yaml; there are ${names}.`;
}

export function wrong(message: string, remedy: string): RalphError {
  return new UsageError(message, { remedy });
}
