import type pg from 'pg';
import { MINUTE, type Range } from '../bars.ts';
import type { SymbolSummary } from '../symbol.ts';
import type { TimeColumn } from './columns.ts';

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
export async function summaryOf(
  client: pg.ClientBase,
  symbol: string,
  place: Place,
  at: string,
  interval: number,
): Promise<SymbolSummary[]> {
  const { rows } = await client.query<Record<string, string> & { first: Date | null; last: Date | null }>(
    `select count(*) as bars, min(t) as first, max(t) as last, count(*) filter (where step > ${interval}) as gaps,
       coalesce(sum(step - ${interval}) filter (where step > ${interval}), 0) as missing,
       coalesce(max(step), 0) as longest
     from (${stepsOf(place, at)}) steps`,
  );
  const [{ bars, first, last, gaps, missing, longest }] = rows;
  if (!first || !last) return [];
  const slots = (last.getTime() - first.getTime()) / interval + 1;
  return [
    {
      symbol,
      interval,
      bars: Number(bars),
      first: first.toISOString(),
      last: last.toISOString(),
      coverage: Number(bars) / slots,
      gaps: Number(gaps),
      missingMinutes: Math.round(Number(missing) / MINUTE),
      longestGapMinutes: Math.max(0, Math.round((Number(longest) - interval) / MINUTE)),
      files: 0,
    },
  ];
}
