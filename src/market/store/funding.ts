import type pg from 'pg';
import { type Database, withClient } from '../database.ts';
import { countOf, inTransaction } from '../server/pool.ts';
import type { FundingRates } from '../window-header.ts';

/** Stores funding rates; one that is there already stays. Answers how many are new, and how many were there with another rate. */
export async function storeFunding(
  client: pg.ClientBase,
  symbol: string,
  { time, rate }: FundingRates,
  replace: boolean,
): Promise<{ inserted: number; conflicts: number }> {
  const rows =
    'select to_timestamp(t / 1000) as time, r as rate from unnest($2::float8[], $3::float8[]) as given (t, r)';
  const given = [symbol, time, rate];
  return inTransaction(client, async () => {
    const differing = `ralph.funding f join (${rows}) g using (time) where f.symbol = $1 and f.rate <> g.rate`;
    const conflicts = await countOf(client, differing, given);
    const action = replace ? 'update set rate = excluded.rate' : 'nothing';
    const stored = () => countOf(client, 'ralph.funding where symbol = $1', [symbol]);
    const before = await stored();
    await client.query(
      `insert into ralph.funding (symbol, time, rate) select $1, time, rate from (${rows}) given on conflict (symbol, time) do ${action}`,
      given,
    );
    return { inserted: (await stored()) - before, conflicts };
  });
}

/** The rates of a symbol with from <= time < to (epoch ms); undefined where none are known. Beside a table of the user's own they are in his own table, too. */
export async function fundingOf(
  db: Pick<Database, 'pool' | 'source'>,
  { symbol, from, to }: { symbol: string; from: number; to: number },
): Promise<FundingRates | undefined> {
  const { pool, source } = db;
  if (source) return withClient(db, (client) => source.funding(client, symbol, { from, to }));
  const { rows } = await pool.query<{ time: Date; rate: number }>(
    `select time, rate from ralph.funding
     where symbol = $1 and time >= to_timestamp($2) and time < to_timestamp($3) order by time`,
    [symbol, from / 1000, to / 1000],
  );
  if (rows.length === 0) return undefined;
  return { time: rows.map(({ time }) => time.getTime()), rate: rows.map(({ rate }) => rate) };
}
