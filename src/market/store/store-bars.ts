import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { sha256 } from '../../base/hash.ts';
import { type Bars, columnsOf, MINUTE } from '../bars.ts';
import { type Database, withClient } from '../database.ts';
import { inTransaction } from '../server/pool.ts';
import { checkSymbol } from '../symbol.ts';
import { refreshPending } from './aggregates.ts';
import { copyBarsIn } from './copy.ts';
import { refreshGaps } from './gaps.ts';

/**
 * Stores bars that were made rather than read from a file, all or nothing, under the name `source`. Storing the same bars again
 * changes nothing. `aggregates: false` leaves the coarser bars for the next ingest. Throws RalphError for a bad symbol, or when
 * other bars of the symbol lie in their span.
 */
export async function storeBars(
  db: Database,
  symbol: string,
  bars: Bars,
  source: string,
  options: { aggregates?: boolean } = {},
): Promise<{ inserted: number }> {
  checkSymbol(symbol);
  if (bars.length === 0) return { inserted: 0 };
  const print = sha256(columnsOf(bars).map(sha256).join());
  const first = bars.time[0];
  const last = bars.time[bars.length - 1];
  const inserted = await withClient(db, async (client) => {
    const known = await client.query(
      "select 1 from ralph.ingested_files where symbol = $1 and sha256 = $2 and state = 'done'",
      [symbol, print],
    );
    if (known.rowCount) return 0;
    await inTransaction(client, async () => {
      const there = await client.query(
        'select 1 from ralph.bars where symbol = $1 and time between to_timestamp($2) and to_timestamp($3) limit 1',
        [symbol, first / 1000, last / 1000],
      );
      if (there.rowCount)
        throw new RalphError(`there are other bars of ${symbol} in the span of ${source}`, {
          remedy: 'Use another symbol or another dataDir for simulated bars.',
        });
      const { rows } = await client.query<{ id: number }>(
        `insert into ralph.ingested_files (symbol, name, size, sha256, format, state, rows, inserted, first, last, finished)
         values ($1, $2, $3, $4, 'memory', 'done', $3, $3, to_timestamp($5), to_timestamp($6), now()) returning id`,
        [symbol, source, bars.length, print, first / 1000, last / 1000],
      );
      await copyBarsIn(client, bars, { table: 'ralph.bars', source: rows[0].id, symbol });
      await refreshGaps(client, symbol, { first, last, interval: MINUTE });
      failpoint('market.store.before');
    });
    failpoint('market.store.after');
    return bars.length;
  });
  if (inserted > 0 && (options.aggregates ?? true)) await refreshPending(db);
  return { inserted };
}
