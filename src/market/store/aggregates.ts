import { failpoint } from '../../base/failpoint.ts';
import { DAY } from '../bars.ts';
import type { Database } from '../database.ts';
import { AGGREGATES } from '../migrations/002-aggregates.ts';

/** Each call is one transaction: years of bars at once would need as much memory, and be lost as a whole. Whole days. */
const SLICE = 200 * DAY;

/**
 * Brings the continuous aggregates up to date over everything that was taken in since the last time, widened to whole
 * days so that every touched bucket is complete. Cannot run inside a transaction; what a kill leaves undone is still
 * pending at the next call.
 */
export async function refreshPending(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ ids: number[] | null; first: Date | null; last: Date | null }>(
    `select array_agg(id) as ids, min(first) as first, max(last) as last from ralph.ingested_files
     where state = 'done' and not refreshed`,
  );
  const [{ ids, first, last }] = rows;
  if (!ids) return;
  if (first && last) {
    const end = (Math.floor(last.getTime() / DAY) + 1) * DAY;
    for (let from = Math.floor(first.getTime() / DAY) * DAY; from < end; from += SLICE) {
      await refresh(db, new Date(from).toISOString(), new Date(Math.min(end, from + SLICE)).toISOString());
    }
  }
  await db.pool.query('update ralph.ingested_files set refreshed = true where id = any($1)', [ids]);
}

async function refresh(db: Database, from: string, to: string): Promise<void> {
  for (const { view } of AGGREGATES) {
    failpoint('market.refresh.before');
    await db.pool.query(`call refresh_continuous_aggregate('${view}', '${from}'::timestamptz, '${to}'::timestamptz)`);
  }
}

/**
 * Compresses the chunks that ended `afterDays` ago or longer. For the embedded database, which has no scheduler to run
 * the policy; on a server this is left to the policy. Answers the number of chunks compressed now.
 */
export async function compressOldChunks(db: Database, afterDays: number): Promise<number> {
  if (db.kind === 'server') return 0;
  const { rows } = await db.pool.query<{ chunk: string }>(
    `select format('%I.%I', chunk_schema, chunk_name) as chunk from timescaledb_information.chunks
     where hypertable_schema = 'ralph' and hypertable_name = 'bars' and not is_compressed and range_end < $1
     order by range_start`,
    [new Date(Date.now() - afterDays * DAY)],
  );
  // one transaction a chunk: an interruption loses one chunk's work at most
  for (const { chunk } of rows) await db.pool.query('select compress_chunk($1::regclass, true)', [chunk]);
  return rows.length;
}
