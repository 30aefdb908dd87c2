import type pg from 'pg';
import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { countOf, inTransaction } from '../server/pool.ts';
import { refreshGaps } from '../store/gaps.ts';
import { clearStaged } from './format/registry.ts';

export interface Publication {
  readonly id: number;
  readonly symbol: string;
  readonly format: string;
  /** Rows of bars in the file, good and bad. */
  readonly rows: number;
  readonly rejected: number;
  readonly replace: boolean;
  /** Length of a bar in ms. */
  readonly interval: number;
}

export interface Published {
  readonly inserted: number;
  readonly replaced: number;
  /** Bars that were there already with other values. */
  readonly conflicts: number;
  readonly conflictSamples: string[];
  /** Runs of missing minutes in the span of the file. */
  readonly gaps: number;
}

/** What came of a file's rows, before it is written down. */
interface Outcome extends Published {
  readonly first: Date | null;
  readonly last: Date | null;
}

/** Makes a file's staged rows visible in one transaction: bars, gaps and the file's own row, or nothing of it. */
export async function publish(client: pg.ClientBase, file: Publication): Promise<Published> {
  const published = await inTransaction(client, () => publishStaged(client, file));
  failpoint('market.publish.after');
  return published;
}

async function publishStaged(client: pg.ClientBase, file: Publication): Promise<Published> {
  const { id, symbol } = file;
  // Without it the server takes the table for empty, and compares each of its rows with each bar.
  await client.query('analyze ralph.staged_bars');
  const span = await client.query<{ n: string; first: Date | null; last: Date | null }>(
    'select count(*) as n, min(time) as first, max(time) as last from ralph.staged_bars where source = $1',
    [id],
  );
  const { n, first, last } = span.rows[0];
  const inSpan = 'ralph.bars where symbol = $1 and time between $2 and $3 limit 1';
  const overlap =
    first !== null && (await client.query(`select 1 from ${inSpan}`, [symbol, first, last])).rowCount !== 0;
  const conflicts = overlap ? await findConflicts(client, file, first, last!) : NONE;
  const fresh = overlap
    ? `and not exists (select 1 from ralph.bars b where b.symbol = $2 and b.time = s.time and b.time between $3 and $4)
       on conflict (symbol, time) do nothing`
    : '';
  const { rowCount } = await client.query(
    `insert into ralph.bars (symbol, time, open, high, low, close, volume, source)
     select $2, time, open, high, low, close, volume, source from ralph.staged_bars s where source = $1 ${fresh}`,
    overlap ? [id, symbol, first, last] : [id, symbol],
  );
  const inserted = rowCount ?? 0;
  if (inserted > 0) await refuseLoss(client, file, Number(n), STAGED);
  const replaced = file.replace && conflicts.count > 0 ? await replaceBars(client, file, conflicts, first!, last!) : 0;
  const gaps = first
    ? await refreshGaps(client, symbol, { first: first.getTime(), last: last!.getTime(), interval: file.interval })
    : 0;
  const { count, samples: conflictSamples } = conflicts;
  return finish(client, file, { first, last, inserted, replaced, conflicts: count, conflictSamples, gaps });
}

/** Writes down what came of a file; the caller commits. */
export async function finish(
  client: pg.ClientBase,
  { id, ...file }: Publication,
  { first, last, ...published }: Outcome,
): Promise<Published> {
  const { inserted, replaced, conflicts } = published;
  await client.query(
    `update ralph.ingested_files set state = 'done', format = $2, rows = $3, inserted = $4, replaced = $5, conflicts = $6,
       rejected = $7, first = $8, last = $9, finished = now() where id = $1`,
    [id, file.format, file.rows, inserted, replaced, conflicts, file.rejected, first, last],
  );
  await clearStaged(client, id);
  failpoint('market.publish.before');
  return published;
}

/** Some versions of the extension lost rows that went into a compressed chunk: each bar must be there now. */
export async function refuseLoss(client: pg.ClientBase, { id, symbol }: Publication, staged: number, where: string) {
  const there = await countOf(client, `ralph.bars where ${where}`, [symbol, id]);
  if (there === staged) return;
  throw new RalphError(`the database took ${there} of ${staged} bars of ${symbol} and reported no error`, {
    remedy:
      'Nothing of the file was taken in. Update TimescaleDB (2.17.2 lost rows inserted into compressed chunks), see whether a trigger on the table bars drops rows, then repeat the command.',
  });
}

const STAGED = 'symbol = $1 and time in (select time from ralph.staged_bars where source = $2)';
const DIFFERS =
  '(s.open, s.high, s.low, s.close, s.volume) is distinct from (b.open, b.high, b.low, b.close, b.volume)';

interface Conflicts {
  readonly count: number;
  readonly samples: string[];
  /** Their times, when they are few. */
  readonly times: Date[];
}

const NONE: Conflicts = { count: 0, samples: [], times: [] };

/** So many bars of compressed chunks are unpacked one by one; of more, the chunks are. */
const FEW = 1000;

async function findConflicts(client: pg.ClientBase, file: Publication, first: Date, last: Date): Promise<Conflicts> {
  const { rows } = await client.query<{ n: string; time: Date; line: string }>(
    `select count(*) over () as n, s.time, to_char(s.time at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' has '
       || concat_ws(' ', b.open, b.high, b.low, b.close, b.volume) || ', the file has '
       || concat_ws(' ', s.open, s.high, s.low, s.close, s.volume) as line
     from ralph.staged_bars s join ralph.bars b on b.symbol = $2 and b.time = s.time
     where s.source = $1 and b.time between $3 and $4 and ${DIFFERS} order by s.time limit ${FEW}`,
    [file.id, file.symbol, first, last],
  );
  const samples = rows.slice(0, 3).map(({ line }) => line);
  return { count: Number(rows[0]?.n ?? 0), samples, times: rows.map(({ time }) => time) };
}

async function replaceBars(
  client: pg.ClientBase,
  { id, symbol }: Publication,
  { count, times }: Conflicts,
  first: Date,
  last: Date,
): Promise<number> {
  const few = count <= FEW;
  // an update of compressed rows unpacks all of a symbol unless it names the times
  if (!few) {
    await client.query(
      `select count(tsdb.decompress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass, true))
       from timescaledb_information.chunks where is_compressed and range_end > $1 and range_start <= $2
         and format('%I.%I', hypertable_schema, hypertable_name)::regclass = 'ralph.bars'::regclass`,
      [first, last],
    );
  }
  const { rowCount } = await client.query(
    `update ralph.bars b set open = s.open, high = s.high, low = s.low, close = s.close, volume = s.volume, source = s.source
     from ralph.staged_bars s where s.source = $1 and b.symbol = $2 and b.time = s.time and ${DIFFERS}
       and ${few ? 'b.time = any ($3)' : 'b.time between $3 and $4'}`,
    few ? [id, symbol, times] : [id, symbol, first, last],
  );
  return rowCount ?? 0;
}
