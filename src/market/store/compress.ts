import { DAY } from '../bars.ts';
import type { Database } from '../database.ts';

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
