import type { Server } from './connect.ts';

/** What a worker and an island alike say of themselves at every beat. */
export interface Present {
  /** `name:pid` of its machine. */
  readonly name: string;
  /** Of Ralph, as people know it. */
  readonly version: string;
  readonly busy: number;
  /** Load average of the machine over a minute. */
  readonly load: number;
}

type Table = 'hosts' | 'islands';

/** Seconds of silence after which it counts as gone. By the server's clock: a clock that is wrong elsewhere changes nothing. */
const SILENT_SECONDS = 8;
/** Seconds after which its row goes, and its own queue with it. */
const FORGOTTEN_SECONDS = 600;

/** Those that are there, in the order of their names; `id` is the column that orders equal names. */
export async function presentIn<T extends Present>(
  { pool, schemas }: Server,
  table: Table,
  id: string & keyof T,
  others: readonly (string & keyof T)[],
): Promise<T[]> {
  const columns = ['name', 'version', 'busy', 'load', id, ...others];
  const { rows } = await pool.query<T>(
    `select ${columns.join(', ')} from ${schemas.fleet}.${table}
     where beat > now() - make_interval(secs => $1) order by name collate "C", ${id}`,
    [SILENT_SECONDS],
  );
  return rows;
}

/** Removes those that were silent for long, and their queues. */
export async function forgetSilent<T extends object>(
  { pool, boss, schemas }: Server,
  table: Table,
  columns: readonly (string & keyof T)[],
  queueOf: (row: T) => string,
): Promise<void> {
  const { rows } = await pool.query<T>(
    `delete from ${schemas.fleet}.${table} where beat < now() - make_interval(secs => $1) returning ${columns.join(', ')}`,
    [FORGOTTEN_SECONDS],
  );
  for (const row of rows) await boss.deleteQueue(queueOf(row)).catch(() => {});
}
