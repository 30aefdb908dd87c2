import type pg from 'pg';
import { DAY, MINUTE, type Range } from '../bars.ts';
import { checkedRates } from '../funding-rates.ts';
import type { FundingRates } from '../window-file.ts';
import { quoted, wrong } from './columns.ts';
import type { FundingSource } from './config.ts';
import { type Place, placesOf, refuseQuestion } from './places.ts';

/**
 * Finds where the funding rates of each symbol stand in a table of the user's own. A symbol without any has none. Throws RalphError (exit 2)
 * that names what is missing and what there is.
 */
export async function openOwnFunding(
  client: pg.ClientBase,
  source: FundingSource,
  symbols: readonly string[],
): Promise<(client: pg.ClientBase, symbol: string, range: Range) => Promise<FundingRates | undefined>> {
  const places = await placesOf(client, source, {
    symbols,
    key: 'source.funding',
    remedy: 'Name the column that tells the symbols apart, or write {symbol} into source.funding.table.',
    columns: [source.rate],
    only: [],
  });
  const queryOf = ({ table, time, only }: Place, { from, to }: Range) => {
    const column = quoted(source.time);
    const near = [`${column} >= ${time.bound(from - 2 * DAY)}`, `${column} <= ${time.bound(to + 2 * DAY)}`];
    return `select (extract(epoch from ${time.value}) * 1000)::float8 as time, ${quoted(source.rate)}::float8 as rate
      from ${table} where ${[...only, ...near].join(' and ')} order by 1`;
  };
  const read = async (from: pg.ClientBase, symbol: string, range: Range) => {
    const place = places.get(symbol);
    if (!place) return undefined;
    const remedy = 'Correct source.funding.where, .timezone or the columns, or let the owner grant select.';
    const { rows } = await from
      .query<{ time: number; rate: number | null }>(queryOf(place, range))
      .catch(refuseQuestion('source.funding', remedy));
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
  for (const symbol of places.keys()) await read(client, symbol, { from: 0, to: MINUTE });
  return read;
}
