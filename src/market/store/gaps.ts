import type pg from 'pg';
import { MINUTE } from '../bars.ts';

/** Stores gaps of a symbol that are known: after the bar of `interval` ms at `before[i]` there is none until `next[i]`, epoch ms. */
export async function storeGaps(
  client: pg.ClientBase,
  symbol: string,
  { before, next, interval }: { readonly before: number[]; readonly next: number[]; readonly interval: number },
): Promise<void> {
  await client.query(
    `insert into ralph.gaps (symbol, from_time, to_time, minutes)
     select $1, to_timestamp((before + $4::float8) / 1000), to_timestamp(next / 1000), ((next - before - $4) / 60000)::integer
     from unnest($2::float8[], $3::float8[]) as gap (before, next)`,
    [symbol, before, next, interval],
  );
}

/**
 * Rewrites the gaps that touch first..last (epoch ms): every run of missing minutes between two neighbouring bars, of `interval` ms, of
 * the symbol. Bars outside are looked at only for the neighbours at both ends. Answers the number of gaps in the span.
 */
export async function refreshGaps(
  client: pg.ClientBase,
  symbol: string,
  { first, last, interval }: { readonly first: number; readonly last: number; readonly interval: number },
): Promise<number> {
  const span = [symbol, first / 1000, last / 1000];
  const bar = `interval '${interval / MINUTE} minutes'`;
  await client.query(
    'delete from ralph.gaps where symbol = $1 and to_time >= to_timestamp($2) and from_time <= to_timestamp($3)',
    span,
  );
  const { rowCount } = await client.query(
    `with bounds as (
       select coalesce((select max(time) from ralph.bars where symbol = $1 and time < to_timestamp($2)), to_timestamp($2)) as low,
         coalesce((select min(time) from ralph.bars where symbol = $1 and time > to_timestamp($3)), to_timestamp($3)) as high
     ), neighbours as (
       select time, lag(time) over (order by time) as before from ralph.bars
       where symbol = $1 and time between (select low from bounds) and (select high from bounds)
     )
     insert into ralph.gaps (symbol, from_time, to_time, minutes)
     select $1, before + ${bar}, time, extract(epoch from time - before - ${bar})::integer / 60
     from neighbours where time - before > ${bar}
     on conflict do nothing`,
    span,
  );
  return rowCount ?? 0;
}
