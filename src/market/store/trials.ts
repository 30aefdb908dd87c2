import type { Database } from '../database.ts';

/** One trial as `results --json` prints it; the database holds a copy for SQL and dashboards. */
export interface TrialRow {
  readonly tag: string;
  readonly trial: string;
  readonly cycle: number;
  readonly family?: string | null;
  readonly candidate?: string | null;
  readonly outcome?: string | null;
  readonly route?: string | null;
  readonly reasons?: unknown;
  readonly metrics?: unknown;
  readonly tokens?: number | null;
  readonly seconds?: number | null;
  readonly commit?: string | null;
}

/**
 * Writes trials of one run into ralph.trials, replacing rows of the same trial. Repeating it changes nothing; a run of another project
 * with the same tag has another key.
 */
export async function upsertTrials(db: Database, run: string, rows: readonly TrialRow[]): Promise<void> {
  if (rows.length === 0 || db.readOnly) return;
  await db.pool.query(
    `insert into ralph.trials (run, tag, trial, cycle, family, candidate, outcome, route, reasons, metrics, tokens, seconds, commit)
     select $2, tag, trial, cycle, family, candidate, outcome, route, coalesce(reasons, '[]'), coalesce(metrics, '{}'),
       tokens, seconds, commit
     from jsonb_to_recordset($1::jsonb) as r (tag text, trial text, cycle integer, family text, candidate text, outcome text,
       route text, reasons jsonb, metrics jsonb, tokens bigint, seconds double precision, commit text)
     on conflict (run, tag, trial) do update set cycle = excluded.cycle, family = excluded.family, candidate = excluded.candidate,
       outcome = excluded.outcome, route = excluded.route, reasons = excluded.reasons, metrics = excluded.metrics,
       tokens = excluded.tokens, seconds = excluded.seconds, commit = excluded.commit, updated = now()`,
    [JSON.stringify(rows), run],
  );
}
