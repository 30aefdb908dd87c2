import type { Database } from '../../market/database.ts';

const CHUNKS = `select format('%I.%I', chunk_schema, chunk_name) as chunk from timescaledb_information.chunks
  where format('%I.%I', hypertable_schema, hypertable_name)::regclass = 'ralph.bars'::regclass and not is_compressed`;

/** Compresses every chunk of bars. */
export async function compressAll({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ chunk: string }>(CHUNKS);
  for (const { chunk } of rows) {
    await pool.query('select tsdb.compress_chunk($1::regclass, true)', [chunk]).catch(async (error) => {
      // The server's own policy may have been at this chunk and have compressed it meanwhile: a server refuses to do it twice.
      const left = await pool.query<{ chunk: string }>(CHUNKS);
      if (left.rows.some((each) => each.chunk === chunk)) throw error;
    });
  }
}
