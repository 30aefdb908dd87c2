import type { Database } from '../database.ts';

/**
 * Lowers the time up to which the reader role sees bars (epoch ms). It is never raised by this: with several runs on
 * one database the earliest train window binds, and forgetting a run must not open another one's selection window.
 */
export async function lowerTrainCutoff(db: Database, time: number): Promise<void> {
  await db.pool.query(
    `insert into ralph.settings (key, value) values ('train_cutoff', $1)
     on conflict (key) do update set value = excluded.value where excluded.value::timestamptz < settings.value::timestamptz`,
    [new Date(time).toISOString()],
  );
}
