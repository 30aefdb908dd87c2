import type pg from 'pg';
import { messageOf } from '../../base/errors.ts';
import { MINUTE, type Range } from '../bars.ts';
import { type Counted, lettersOf, summaryFrom } from '../symbol.ts';
import { literal, quoted, readColumns, type TimeColumn, type Timed, tableName, wrong } from './columns.ts';
import type { SourceConfig } from './config.ts';

/** How the symbols of a table are named. */
type Named = Pick<SourceConfig, 'table' | 'symbol' | 'names'>;

/**
 * Where each symbol stands in a table of the user's own, whose `key` in market.yaml errors name; `only`: what its rows must be besides. A symbol
 * that has no table, or no name in it, is left out. Throws RalphError (exit 2) that names what is missing and what there is.
 */
export async function placesOf(
  client: pg.ClientBase,
  source: Named & Timed,
  wanted: {
    readonly symbols: readonly string[];
    readonly key: string;
    /** Where nothing tells the symbols apart. */
    readonly remedy: string;
    readonly columns: readonly (string | null | undefined)[];
    readonly only: readonly string[];
  },
): Promise<Map<string, Place>> {
  const { symbols, key, remedy, columns } = wanted;
  const perSymbol = source.table.includes('{symbol}');
  if (!perSymbol && source.symbol === undefined && symbols.length > 1) {
    const which = `which rows of ${source.table} belong to ${symbols.join(', ')}?`;
    throw wrong(`${key}.symbol is missing in market.yaml: ${which}`, remedy);
  }
  const common = [...wanted.only, ...(source.where ? [`(${source.where})`] : [])];
  const places = new Map<string, Place>();
  for (const symbol of symbols) {
    const table = perSymbol ? await tableOf(client, source, symbol) : tableName(source.table);
    if (table === null) continue;
    const time = await readColumns(client, table, source, [source.symbol, ...columns]);
    if (source.symbol === undefined) places.set(symbol, { table, time, only: common });
    else {
      const name = await nameOf(client, table, source, symbol);
      const own = `${quoted(source.symbol)} = ${literal(name ?? '')}`;
      if (name !== null) places.set(symbol, { table, time, only: [own, ...common] });
    }
  }
  return places;
}

/** Throws RalphError (exit 2) for a question that the server does not understand or may not answer; any other error as it is. */
export function refuseQuestion(key: string, remedy: string): (error: { code?: string }) => never {
  return (error) => {
    // 22: a value, such as a time zone, 42: syntax, a name, a right
    if (!/^(22|42)/.test(error.code ?? '')) throw error;
    throw wrong(`${key} in market.yaml cannot be asked: ${messageOf(error)}`, remedy);
  };
}

/** A table per symbol: by its given name, as it stands, or in lower case. */
async function tableOf(client: pg.ClientBase, source: Named, symbol: string): Promise<string | null> {
  const names = source.names[symbol] ? [source.names[symbol]] : [symbol, symbol.toLowerCase()];
  for (const name of names) {
    const table = tableName(source.table.replaceAll('{symbol}', name));
    const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [table]);
    if (rows[0].found) return table;
  }
  return null;
}

/** What the symbol column calls a symbol: its given name, itself, or the one value with the same letters (btc/usd, btc_usd). */
async function nameOf(client: pg.ClientBase, table: string, source: Named, symbol: string): Promise<string | null> {
  const name = source.names[symbol] ?? symbol;
  const exact = await client.query(`select 1 from ${table} where ${quoted(source.symbol!)} = ${literal(name)} limit 1`);
  if (exact.rowCount || source.names[symbol]) return name;
  const alike = (await valuesIn(client, table, source)).filter((value) => lettersOf(value) === lettersOf(symbol));
  if (alike.length > 1)
    throw wrong(
      `${alike.join(' and ')} in ${table} could both be ${symbol}`,
      `Say which in market.yaml: source: { names: { ${symbol}: ${alike[0]} } }.`,
    );
  return alike[0] ?? null;
}

/** The values of the symbol column, by the steps of an index if there is one. */
export async function valuesIn(client: pg.ClientBase, table: string, { symbol = '' }: Named): Promise<string[]> {
  const name = quoted(symbol);
  const { rows } = await client.query<{ value: string }>(
    `with recursive steps as (
       (select ${name} as value from ${table} where ${name} is not null order by 1 limit 1)
       union all
       select (select ${name} from ${table} where ${name} > value order by 1 limit 1) from steps where value is not null
     ) select value::text from steps where value is not null limit 200`,
  );
  return rows.map(({ value }) => value);
}

/** Where the bars of one symbol stand. */
export interface Place {
  readonly table: string;
  readonly time: TimeColumn;
  /** Further conditions on its rows. */
  readonly only: readonly string[];
}

/** Every bar's time, and the ms since the bar before. */
function stepsOf({ table, only }: Place, at: string): string {
  return `select t, extract(epoch from t - lag(t) over (order by t)) * 1000 as step
    from (select ${at} as t from ${table} ${only.length > 0 ? `where ${only.join(' and ')}` : ''}) times`;
}

/** Stretches without a bar, in order. */
export async function holesIn(client: pg.ClientBase, place: Place, at: string, interval: number): Promise<Range[]> {
  const { rows } = await client.query<{ to: Date; step: string }>(
    `select t as to, step from (${stepsOf(place, at)}) steps where step > ${interval} order by t`,
  );
  return rows.map(({ to, step }) => ({ from: to.getTime() - Number(step) + interval, to: to.getTime() }));
}

/** One line of `data list`; none for a symbol without bars. */
export async function summaryOf(client: pg.ClientBase, symbol: string, place: Place, at: string, interval: number) {
  const { rows } = await client.query<Counted>(
    `select count(*)::float8 as bars, min(t) as first, max(t) as last,
       count(*) filter (where step > ${interval})::float8 as gaps,
       round(coalesce(sum(step - ${interval}) filter (where step > ${interval}), 0) / ${MINUTE})::float8 as "missingMinutes",
       greatest(0, round((coalesce(max(step), 0) - ${interval}) / ${MINUTE}))::float8 as "longestGapMinutes"
     from (${stepsOf(place, at)}) steps having count(*) > 0`,
  );
  return rows.map((row) => summaryFrom({ ...row, symbol, interval, files: 0 }));
}
