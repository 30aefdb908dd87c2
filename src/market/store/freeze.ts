import { canonicalJson, sha256 } from '../../base/hash.ts';
import type { BadPrintRule } from '../bad-prints.ts';
import type { Range } from '../bars.ts';
import type { Database } from '../database.ts';
import { type FundingRates, WINDOW_SCHEMA } from '../window-header.ts';

/**
 * Lowers the time up to which the reader role sees bars (epoch ms). It is never raised by this: with several runs on
 * one database the earliest train window binds, and forgetting a run must not open another one's selection window.
 */
export async function lowerTrainCutoff(db: Database, time: number): Promise<void> {
  if (db.readOnly) return;
  await db.pool.query(
    `insert into ralph.settings (key, value) values ('train_cutoff', $1)
     on conflict (key) do update set value = excluded.value where excluded.value::timestamptz < settings.value::timestamptz`,
    [new Date(time).toISOString()],
  );
}

/**
 * SHA-256 of what a window's bars come from: the files that were taken in over its span, in order, with what each
 * changed, the rule that strikes out bad prints, and the funding rates, if there are any. Any ingest that touches the span gives another
 * value, without reading a single bar.
 */
export async function provenanceOf(
  { pool }: Database,
  query: { symbol: string; from: number; to: number; range: Range },
  badPrints?: BadPrintRule,
  funding?: FundingRates,
): Promise<string> {
  const { rows } = await pool.query<{ sha256: string; inserted: string; replaced: string }>(
    `select sha256, inserted, replaced from ralph.ingested_files
     where symbol = $1 and state = 'done' and inserted + replaced > 0
       and last >= to_timestamp($2) and first < to_timestamp($3) order by id`,
    [query.symbol, query.from / 1000, query.to / 1000],
  );
  const more = { ...(badPrints && { badPrints }), ...(funding && { funding }) };
  return sha256(canonicalJson({ schema: WINDOW_SCHEMA, ...query, sources: rows, ...more }));
}
