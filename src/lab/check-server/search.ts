import { EXIT, RalphError } from '../../base/errors.ts';
import type { Database } from '../../market/database.ts';
import type { Project } from '../project.ts';
import { scriptedResearcher } from '../scripted/researcher.ts';
import { startModelServer } from '../server/serve.ts';
import { openLine, withPort } from '../soak/world/line.ts';
import { until } from '../until.ts';

/** Tag of the run that the check makes. */
export const TAG = 'check';

/** A run whose server is away at its start and goes away once more in the middle. */
export async function search(project: Project, db: Database, url: string, cycles: number, restart?: () => void) {
  const model = await startModelServer({ brain: scriptedResearcher(1), seed: 1, faults: { rate: 0 } });
  const { hostname, port } = new URL(url);
  const line = hostname === '127.0.0.1' || hostname === 'localhost' ? await openLine(() => Number(port || 5432)) : null;
  const events = () => project.events(TAG);
  try {
    line?.cut();
    const args = ['run', '--tag', TAG, '--cycles', String(cycles), '--config', 'config/test'];
    const run = project.ralph(args, {
      RALPH_BASE_URL: model.baseUrl,
      DATABASE_URL: line ? withPort(url, line.port) : url,
    });
    let said = '';
    run.all.on('data', (piece: Buffer) => {
      said += piece;
    });
    const during = async (what: string, isSo: () => boolean) => {
      let ended = false;
      void run.then(() => {
        ended = true;
      });
      await until(what, () => {
        if (ended && !isSo())
          throw new RalphError(`the run ended before ${what}: ${said.slice(-2000)}`, { remedy: 'Read what it said.' });
        return isSo();
      });
    };
    if (line) await during('the run waits for the server', () => said.includes('database_down'));
    await line?.join();
    const cyclesDone = () => events().filter(({ type }) => type === 'cycle.mirrored').length;
    const middle = Math.min(2, cycles - 1);
    await during(`cycle ${middle} is over`, () => cyclesDone() >= middle);
    if (restart) restart();
    else if (line) {
      line.cut();
      await line.join();
    } else
      await db.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()',
      );
    const { exitCode } = await run;
    expect(`exit code of the run (${said.slice(-600)})`, exitCode, EXIT.done);
    const trials = events().flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
    const count = 'select count(*)::int as n from ralph.trials where tag = $1 and outcome is not null';
    const { rows } = await withRetry(() => db.pool.query<{ n: number }>(count, [TAG]));
    expect('trials in the table', rows[0].n, trials.length);
    const away = restart ? 'a restart of the server' : 'a cut line';
    return [`${cyclesDone()} cycles, ${trials.length} trials, through ${away}`, undefined] as const;
  } finally {
    line?.close();
    await model.close();
  }
}

/** A connection of the pool may have died with the server; the next one is new. */
export async function withRetry<T>(ask: () => Promise<T>): Promise<T> {
  for (let k = 0; ; k++) {
    try {
      return await ask();
    } catch (error) {
      if (k === 5) throw error;
    }
  }
}

/** Throws RalphError where a step of the check finds something else than it should. */
export function expect(what: string, got: unknown, wanted: unknown): void {
  if (got === wanted) return;
  throw new RalphError(`${what}: expected ${wanted}, got ${got}`, {
    remedy: 'See the log of the server; the schema of the check is dropped.',
  });
}
