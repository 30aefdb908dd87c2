import { failpoint } from '../../base/failpoint.ts';
import { DAY } from '../bars.ts';
import { type Database, withClient } from '../database.ts';
import { AGGREGATES } from '../migrations/steps.ts';

/** On the embedded server a call holds what it computes in memory: years at once would need as much. Whole days. */
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
  if (first && last && db.aggregates) {
    const options = await onePass(db);
    const end = (Math.floor(last.getTime() / DAY) + 1) * DAY;
    const slice = db.kind === 'server' ? Number.POSITIVE_INFINITY : SLICE;
    for (let from = Math.floor(first.getTime() / DAY) * DAY; from < end; from += slice) {
      const to = Math.min(end, from + slice);
      for (const { view } of AGGREGATES) await refresh(db, view, from, to, options);
    }
  }
  await db.pool.query('update ralph.ingested_files set refreshed = true where id = any($1)', [ids]);
}

/** The argument that asks for one batch, where a server knows it: cut into batches of 10 buckets a refresh takes twenty times as long. */
export async function onePass(db: Database): Promise<string> {
  const { rowCount } = await db.pool.query(
    `select 1 from pg_proc where proname = 'refresh_continuous_aggregate' and 'options' = any(proargnames)`,
  );
  return rowCount ? `, options => '{"buckets_per_batch": 0}'` : '';
}

/** A statement_timeout that ends a refresh is met by halves, down to single days; one day that takes longer still is given its time. */
async function refresh(db: Database, view: string, from: number, to: number, options: string): Promise<void> {
  failpoint('market.refresh.before');
  const [start, end] = [from, to].map((time) => `'${new Date(time).toISOString()}'::timestamptz`);
  const call = `call tsdb.refresh_continuous_aggregate('${view}', ${start}, ${end}${options})`;
  try {
    await db.pool.query(call);
  } catch (error) {
    if ((error as { code?: string }).code !== '57014') throw error;
    if (to - from <= DAY) return withoutTimeout(db, call);
    const middle = from + Math.ceil((to - from) / DAY / 2) * DAY;
    await refresh(db, view, from, middle, options);
    await refresh(db, view, middle, to, options);
  }
}

/** One statement without the role's statement_timeout, which the session has again afterwards. */
function withoutTimeout(db: Database, sql: string): Promise<void> {
  return withClient(db, async (client) => {
    await client.query('set statement_timeout = 0');
    await client.query(sql).finally(() => client.query('reset statement_timeout'));
  });
}

/**
 * Compresses the chunks that ended `afterDays` ago or longer. For the embedded database, which has no scheduler to run
 * the policy; on a server this is left to the policy. Answers the number of chunks compressed now.
 */
export async function compressOldChunks(db: Database, afterDays: number): Promise<number> {
  if (db.kind === 'server') return 0;
  const { rows } = await db.pool.query<{ chunk: string }>(
    `select format('%I.%I', chunk_schema, chunk_name) as chunk from timescaledb_information.chunks
     where format('%I.%I', hypertable_schema, hypertable_name)::regclass = 'ralph.bars'::regclass and not is_compressed and range_end < $1
     order by range_start`,
    [new Date(Date.now() - afterDays * DAY)],
  );
  // one transaction a chunk: an interruption loses one chunk's work at most
  for (const { chunk } of rows) await db.pool.query('select tsdb.compress_chunk($1::regclass, true)', [chunk]);
  return rows.length;
}
