import type pg from 'pg';
import { failpoint } from '../../base/failpoint.ts';
import { refreshGaps } from '../store/gaps.ts';
import { clearStaged } from './registry.ts';

export interface Publication {
  readonly id: number;
  readonly symbol: string;
  readonly format: string;
  readonly rows: number;
  readonly rejected: number;
  readonly replace: boolean;
}

export interface Published {
  readonly inserted: number;
  readonly replaced: number;
  /** Bars that were there already with other values. */
  readonly conflicts: number;
  readonly conflictSamples: string[];
  readonly gaps: number;
}

/** Makes a file's staged rows visible in one transaction: bars, gaps and the file's own row, or nothing of it. */
export async function publish(client: pg.ClientBase, file: Publication): Promise<Published> {
  const { id, symbol } = file;
  await client.query('begin');
  const span = await client.query<{ first: Date | null; last: Date | null }>(
    'select min(time) as first, max(time) as last from ralph.staged_bars where source = $1',
    [id],
  );
  const { first, last } = span.rows[0];
  // an overlap with compressed chunks unpacks what it touches, however much that is
  await client.query('set local timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
  const overlap = first !== null && (await overlaps(client, symbol, first, last!));
  const conflicts = overlap ? await findConflicts(client, file, first, last!) : { count: 0, samples: [] };
  const inserted = await client.query(
    `insert into ralph.bars (symbol, time, open, high, low, close, volume, source)
     select $2, time, open, high, low, close, volume, source from ralph.staged_bars where source = $1
     ${overlap ? 'on conflict (symbol, time) do nothing' : ''}`,
    [id, symbol],
  );
  const replaced = file.replace && conflicts.count > 0 ? await replaceBars(client, file) : 0;
  const gaps = first ? await refreshGaps(client, symbol, first.getTime(), last!.getTime()) : 0;
  await client.query(
    `update ralph.ingested_files set state = 'done', format = $2, rows = $3, inserted = $4, replaced = $5, conflicts = $6,
       rejected = $7, first = $8, last = $9, finished = now() where id = $1`,
    [id, file.format, file.rows, inserted.rowCount, replaced, conflicts.count, file.rejected, first, last],
  );
  await clearStaged(client, id);
  failpoint('market.publish.before');
  await client.query('commit');
  failpoint('market.publish.after');
  return {
    inserted: inserted.rowCount ?? 0,
    replaced,
    conflicts: conflicts.count,
    conflictSamples: conflicts.samples,
    gaps,
  };
}

async function overlaps(client: pg.ClientBase, symbol: string, first: Date, last: Date): Promise<boolean> {
  const there = await client.query('select 1 from ralph.bars where symbol = $1 and time between $2 and $3 limit 1', [
    symbol,
    first,
    last,
  ]);
  return there.rowCount !== 0;
}

const DIFFERS =
  '(s.open, s.high, s.low, s.close, s.volume) is distinct from (b.open, b.high, b.low, b.close, b.volume)';

async function findConflicts(client: pg.ClientBase, file: Publication, first: Date, last: Date) {
  const params = [file.id, file.symbol, first, last];
  const join = `from ralph.staged_bars s join ralph.bars b on b.symbol = $2 and b.time = s.time
    where s.source = $1 and b.time between $3 and $4 and ${DIFFERS}`;
  const { rows } = await client.query<{ n: string; samples: string[] | null }>(
    `select count(*) as n, (array_agg(to_char(s.time, 'YYYY-MM-DD HH24:MI') || ' has '
       || concat_ws(' ', b.open, b.high, b.low, b.close, b.volume) || ', the file has '
       || concat_ws(' ', s.open, s.high, s.low, s.close, s.volume) order by s.time))[1:3] as samples ${join}`,
    params,
  );
  return { count: Number(rows[0].n), samples: rows[0].samples ?? [] };
}

async function replaceBars(client: pg.ClientBase, { id, symbol }: Publication): Promise<number> {
  const { rowCount } = await client.query(
    `update ralph.bars b set open = s.open, high = s.high, low = s.low, close = s.close, volume = s.volume, source = s.source
     from ralph.staged_bars s where s.source = $1 and b.symbol = $2 and b.time = s.time and ${DIFFERS}`,
    [id, symbol],
  );
  return rowCount ?? 0;
}
