import type pg from 'pg';
import { messageOf } from '../../base/errors.ts';
import { DAY, MINUTE, type Range } from '../bars.ts';
import { checkedRates } from '../funding-rates.ts';
import type { FundingRates } from '../window-file.ts';
import { literal, quoted, readColumns, tableName, wrong } from './columns.ts';
import type { FundingSource } from './config.ts';
import { nameOf, tableOf } from './places.ts';

/**
 * Finds where the funding rates of each symbol stand in a table of the user's own. A symbol without any has none. Throws RalphError (exit 2)
 * that names what is missing and what there is.
 */
export async function openOwnFunding(
  client: pg.ClientBase,
  source: FundingSource,
  symbols: readonly string[],
): Promise<(client: pg.ClientBase, symbol: string, range: Range) => Promise<FundingRates | undefined>> {
  const perSymbol = source.table.includes('{symbol}');
  if (!perSymbol && source.symbol === undefined && symbols.length > 1) {
    throw wrong(
      `source.funding.symbol is missing in market.yaml: which rows of ${source.table} belong to ${symbols.join(', ')}?`,
      'Name the column that tells the symbols apart, or write {symbol} into source.funding.table.',
    );
  }
  const queries = new Map<string, (range: Range) => string>();
  for (const symbol of symbols) {
    const table = perSymbol ? await tableOf(client, source, symbol) : tableName(source.table);
    if (table === null) continue;
    const time = await readColumns(client, table, source, [source.symbol, source.rate]);
    const name = source.symbol === undefined ? null : await nameOf(client, table, source, symbol);
    if (source.symbol !== undefined && name === null) continue;
    const only = [
      ...(source.symbol === undefined ? [] : [`${quoted(source.symbol)} = ${literal(name ?? '')}`]),
      ...(source.where ? [`(${source.where})`] : []),
    ];
    queries.set(symbol, ({ from, to }) => {
      const column = quoted(source.time);
      const near = [`${column} >= ${time.bound(from - 2 * DAY)}`, `${column} <= ${time.bound(to + 2 * DAY)}`];
      return `select (extract(epoch from ${time.value}) * 1000)::float8 as time, ${quoted(source.rate)}::float8 as rate
        from ${table} where ${[...only, ...near].join(' and ')} order by 1`;
    });
  }
  const read = async (from: pg.ClientBase, symbol: string, range: Range) => {
    const query = queries.get(symbol);
    if (!query) return undefined;
    const { rows } = await from.query<{ time: number; rate: number | null }>(query(range)).catch((error) => {
      // 22: a value, such as a time zone, 42: syntax, a name, a right
      if (!/^(22|42)/.test(error.code ?? '')) throw error;
      throw wrong(
        `source.funding in market.yaml cannot be asked: ${messageOf(error)}`,
        'Correct source.funding.where, .timezone or the columns, or let the owner grant select.',
      );
    });
    // Exchanges note the payment a few ms late.
    const inside = rows
      .map(({ time, rate }) => [Math.floor(time / MINUTE) * MINUTE, rate ?? Number.NaN] as const)
      .filter(([time]) => time >= range.from && time < range.to);
    if (inside.length === 0) return undefined;
    return checkedRates(inside, (what) =>
      wrong(
        `the funding rates of ${symbol} in ${source.table}: ${what}`,
        'Give one rate a time as a fraction of the position (0.0001 is one basis point): a view can convert them; source.funding.where leaves rows out.',
      ),
    );
  };
  for (const symbol of queries.keys()) await read(client, symbol, { from: 0, to: MINUTE });
  return read;
}
