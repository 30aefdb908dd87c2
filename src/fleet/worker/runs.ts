import { RalphError, UsageError } from '../../base/errors.ts';
import type { Server } from '../server/connect.ts';

/** The runs that a worker evaluates for. */
export interface Served {
  readonly tags: readonly string[];
  /** All of them are paused: no job is taken. */
  readonly paused: boolean;
}

/** Seconds after which a run that says nothing is gone. */
const SILENT_SECONDS = 30;

interface RunRow {
  readonly tag: string;
  readonly host: string;
  readonly engine: string;
  readonly checked: string;
  readonly state: string;
}

/**
 * Looks which runs there are. Throws RalphError when all of them need another engine, or when this host computes something else than one of
 * them does.
 */
export async function lookAtRuns(
  { pool, schemas }: Server,
  { engine, checked }: { readonly engine: string; readonly checked: string },
): Promise<Served> {
  const { rows } = await pool.query<RunRow>(
    `select tag, host, engine, checked, state from ${schemas.fleet}.runs
     where beat > now() - make_interval(secs => $1) order by tag`,
    [SILENT_SECONDS],
  );
  const own = rows.filter((run) => run.engine === engine);
  if (rows.length > 0 && own.length === 0) throw otherEngine(rows[0], engine);
  const different = own.find((run) => run.checked !== checked);
  if (different) throw otherBits(different, checked);
  return {
    tags: own.map(({ tag, host }) => `${tag} on ${host}`),
    paused: own.length > 0 && own.every(({ state }) => state === 'paused'),
  };
}

function otherEngine(run: RunRow, engine: string): RalphError {
  return new UsageError(
    `worker needs version ${run.engine.slice(0, 12)} (run ${run.tag} on ${run.host}), and this is ${engine.slice(0, 12)}`,
    { remedy: 'Bring this checkout to the commit of the run (git checkout, npm ci) and start the worker again.' },
  );
}

function otherBits(run: RunRow, checked: string): RalphError {
  return new RalphError(
    `this host computes other bits than run ${run.tag} on ${run.host}: the check set gives ${checked.slice(0, 12)}, expected ${run.checked.slice(0, 12)}`,
    {
      remedy:
        'Compare Node (the npm package `node` brings it: run npm ci) and the processor; do not let this host evaluate.',
    },
  );
}
