import type pg from 'pg';
import { UsageError } from '../../base/errors.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES } from '../bars.ts';
import type { Database } from '../database.ts';

/** Length in ms of the bars of a symbol, the execution bar of every run on it. */
export async function intervalOf({ pool, source }: Pick<Database, 'pool' | 'source'>, symbol: string): Promise<number> {
  return source?.interval ?? (await storedInterval(pool, symbol)) ?? MINUTE;
}

async function storedInterval(client: pg.Pool | pg.ClientBase, symbol: string): Promise<number | undefined> {
  const { rows } = await client.query<{ minutes: number }>(
    "select bar_minutes as minutes from ralph.ingested_files where symbol = $1 and state = 'done' and inserted > 0 limit 1",
    [symbol],
  );
  return rows[0] && rows[0].minutes * MINUTE;
}

/** Throws RalphError (exit 2) where a symbol has bars of another length: one market has one. */
export async function refuseOtherInterval(client: pg.ClientBase, symbol: string, path: string, interval: number) {
  const there = await storedInterval(client, symbol);
  if (there === undefined || there === interval) return;
  const name = (ms: number) => TIMEFRAMES.find((each) => TIMEFRAME_MS[each] === ms) ?? `${ms / MINUTE} min`;
  throw new UsageError(`${path}: ${symbol} has bars of ${name(there)}, and these are of ${name(interval)}`, {
    remedy: `Give them a name of their own, such as --symbol ${symbol}-${name(interval).toUpperCase()}.`,
  });
}
