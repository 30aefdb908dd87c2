import type pg from 'pg';
import { literal, quoted, tableName, wrong } from './columns.ts';
import type { SourceConfig } from './config.ts';

/** How the symbols of a table are named. */
type Named = Pick<SourceConfig, 'table' | 'symbol' | 'names'>;

/** A table per symbol: by its given name, as it stands, or in lower case. */
export async function tableOf(client: pg.ClientBase, source: Named, symbol: string): Promise<string | null> {
  const names = source.names[symbol] ? [source.names[symbol]] : [symbol, symbol.toLowerCase()];
  for (const name of names) {
    const table = tableName(source.table.replaceAll('{symbol}', name));
    const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [table]);
    if (rows[0].found) return table;
  }
  return null;
}

/** What the symbol column calls a symbol: its given name, itself, or the one value with the same letters (btc/usd, btc_usd). */
export async function nameOf(
  client: pg.ClientBase,
  table: string,
  source: Named,
  symbol: string,
): Promise<string | null> {
  const name = source.names[symbol] ?? symbol;
  const exact = await client.query(`select 1 from ${table} where ${quoted(source.symbol!)} = ${literal(name)} limit 1`);
  if (exact.rowCount || source.names[symbol]) return name;
  const alike = (await valuesIn(client, table, source)).filter((value) => letters(value) === letters(symbol));
  if (alike.length > 1) {
    throw wrong(
      `${alike.join(' and ')} in ${table} could both be ${symbol}`,
      `Say which in market.yaml: source: { names: { ${symbol}: ${alike[0]} } }.`,
    );
  }
  return alike[0] ?? null;
}

function letters(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
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
