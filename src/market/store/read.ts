import { type Bars, barsOf, DAY, type Range } from '../bars.ts';
import { type Database, withClient } from '../database.ts';
import { beginWork, countOf } from '../server/pool.ts';
import { copyBarsOut, selectBars } from './copy.ts';

/** Rows of one COPY: the embedded server builds its whole answer in memory. */
const SLICE = 120 * DAY;

/** All bars of a symbol with from <= time < to, read in one snapshot of the database. */
export async function readBars(db: Database, query: { symbol: string; from: number; to: number }): Promise<Bars> {
  const select = (range: Range) =>
    db.source ? db.source.rows(query.symbol, range) : selectBars({ ...query, ...range });
  const bars = await withClient(db, async (client) => {
    // one snapshot: an ingest that ends between two slices must not be half in the window
    await beginWork(client, 'isolation level repeatable read read only');
    const length = await countOf(client, `(${select(query)}) bars`, []);
    const columns = Array.from({ length: 6 }, () => new Float64Array(length));
    const slice = db.kind === 'embedded' ? SLICE : query.to - query.from;
    let row = 0;
    for (let from = query.from; from < query.to; from += slice)
      row = await copyBarsOut(client, select({ from, to: Math.min(query.to, from + slice) }), columns, row);
    await client.query('commit');
    if (row !== length) throw new Error(`read ${row} bars of ${query.symbol}, expected ${length}`);
    return barsOf(columns);
  });
  return db.source ? db.source.checked(query.symbol, bars) : bars;
}
