import type pg from 'pg';
import { MINUTE } from '../../bars.ts';
import { countOf, inTransaction } from '../../server/pool.ts';

/** A file in ralph.ingested_files. */
export interface KnownFile {
  readonly id: number;
  readonly state: 'loading' | 'done';
  readonly rows: number;
  readonly rejected: number;
  /** Rows of it that wait in the staging table: an interrupted ingest goes on after them. */
  readonly staged: number;
}

export interface FileFacts {
  readonly symbol: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** Length of a bar in ms. */
  readonly interval: number;
}

/** Notes that a file is being taken in, or finds what is known of it by symbol and content. */
export async function registerFile(client: pg.ClientBase, facts: FileFacts): Promise<KnownFile> {
  await client.query(
    `insert into ralph.ingested_files (symbol, name, size, sha256, format, state, bar_minutes) values ($1, $2, $3, $4, '', 'loading', $5)
     on conflict (symbol, sha256) do update set bar_minutes = excluded.bar_minutes where ingested_files.state = 'loading'`,
    [facts.symbol, facts.name, facts.size, facts.sha256, facts.interval / MINUTE],
  );
  const { rows } = await client.query<Omit<KnownFile, 'staged'>>(
    'select id, state, rows::float8, rejected::float8 from ralph.ingested_files where symbol = $1 and sha256 = $2',
    [facts.symbol, facts.sha256],
  );
  // the staging table is not logged: a crash of the server empties it, so its own count is the truth
  return { ...rows[0], staged: await countOf(client, 'ralph.staged_bars where source = $1', [rows[0].id]) };
}

/** Forgets a file that was refused, with every row of it that waits. */
export async function forgetFile(client: pg.ClientBase, id: number): Promise<void> {
  await inTransaction(client, async () => {
    await clearStaged(client, id);
    await client.query("delete from ralph.ingested_files where id = $1 and state = 'loading'", [id]);
  });
}

/** Empties the staging table of a file; of everything when nothing else waits, because that gives the space back. */
export async function clearStaged(client: pg.ClientBase, id: number): Promise<void> {
  const others = await client.query('select 1 from ralph.staged_bars where source <> $1 limit 1', [id]);
  if (others.rowCount) await client.query('delete from ralph.staged_bars where source = $1', [id]);
  else await client.query('truncate ralph.staged_bars');
}
