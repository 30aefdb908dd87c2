import { randomUUID } from 'node:crypto';
import { hostname, loadavg } from 'node:os';
import { openSpares } from '../../backtest/box/spares.ts';
import { say } from '../../base/draw/terminal.ts';
import { messageOf, RalphError, UsageError } from '../../base/errors.ts';
import { homeOf, queueOf } from '../job.ts';
import { CLOSED, isAway, LEASE_SECONDS, patiently, type Server } from '../server/connect.ts';
import { serveUntil, type Wake } from '../server/serving.ts';
import { answerJob, failJob, giveBack, holdLease, type Lease, takeJobs } from './lease.ts';
import { candidateStore, openSlots } from './slots.ts';

export interface Serving {
  readonly engine: string;
  /** Fingerprint of the check set on this host. */
  readonly checked: string;
  readonly version: string;
  /** Evaluations at once. */
  readonly processes: number;
  /** Folder for the windows that it fetches. */
  readonly dir: string;
  /** Gives its jobs back and ends. */
  readonly signal: AbortSignal;
}

/** Seconds for which a host takes no job after it failed at one that was not the candidate's doing, such as a full disk. */
const REST_SECONDS = 30;
/** How long a worker goes on trying to hand in what it computed. */
const OUTLAST_MS = 120_000;

/** Takes jobs from the queue and answers them until the signal comes. Throws RalphError when this host may not serve the runs there are. */
export async function serve(server: Server, wake: Wake, serving: Serving): Promise<void> {
  const { engine, processes, signal } = serving;
  const { boss, pool, schemas, ear } = server;
  const host = randomUUID();
  const [common, home] = [queueOf(engine), homeOf(engine, host)];
  const name = `${hostname()}:${process.pid}`;
  const spares = openSpares();
  const slots = openSlots(processes, candidateStore(server, serving.dir, spares));
  const counts = { done: 0, failed: 0, late: 0 };
  const since = new Date();
  let served: Served = { tags: [], paused: false };
  let restUntil = 0;
  let reported = 0;

  const settings = { notify: true, retryLimit: 2, retryDelay: 0, heartbeatSeconds: LEASE_SECONDS };
  await patiently(() => boss.createQueue(home, settings));
  await ear.on(CLOSED, (candidate) => void slots.tidy(candidate));

  const work = async (lease: Lease) => {
    const started = performance.now();
    try {
      const answers = await slots.run(lease);
      if (answers === null) return;
      if (await patiently(() => answerJob(server, lease, host, answers, performance.now() - started), OUTLAST_MS))
        counts.done += 1;
      else {
        counts.late += 1;
        say('a late answer was ignored: its lease was lost meanwhile');
      }
    } catch (thrown) {
      counts.failed += 1;
      restUntil = performance.now() + REST_SECONDS * 1000;
      say(`a job goes back to the queue, and this worker rests for ${REST_SECONDS} s: ${messageOf(thrown)}`);
      await patiently(() => failJob(server, lease, `${name}: ${messageOf(thrown)}`), OUTLAST_MS).catch(() => {});
    } finally {
      wake.now();
    }
  };

  const beat = async () => {
    for (const lease of slots.leases()) if (!(await holdLease(server, lease))) await slots.drop(lease);
    await pool.query(
      `insert into ${schemas.fleet}.hosts values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())
       on conflict (host) do update set busy = $6, done = $7, failed = $8, late = $9, load = $10, beat = now()`,
      [
        ...[host, name, engine, serving.version, processes, processes - slots.free],
        ...[counts.done, counts.failed, counts.late, loadavg()[0], since],
      ],
    );
    served = await lookAtRuns(server, serving);
    await slots.tidy();
  };
  const report = (seconds: number) => {
    const rate = (counts.done - reported) / seconds;
    reported = counts.done;
    const runs = served.tags.length === 0 ? 'no run' : served.tags.join(', ');
    const jobs = `${counts.done} jobs, ${rate.toFixed(1)}/s, ${counts.failed} failed, ${counts.late} late`;
    return `${name}: ${runs}${served.paused ? ' (paused)' : ''}; ${jobs}`;
  };

  const working = new Set<Promise<void>>();
  const start = (lease: Lease) => {
    const job = work(lease).finally(() => working.delete(job));
    working.add(job);
  };
  const take = async () => {
    const free = served.paused || performance.now() < restUntil ? 0 : slots.free;
    const own = free > 0 ? await quietly(() => takeJobs(server, home, free)) : [];
    // One at a time from what all take, so that each worker gets its share.
    const any = free > own.length ? await quietly(() => takeJobs(server, common, 1)) : [];
    for (const lease of [...own, ...any]) start(lease);
    return own.length + any.length > 0;
  };
  try {
    await serveUntil(wake, { beat, take, report, signal });
  } finally {
    const leases = slots.leases();
    for (const lease of leases) await giveBack(server, lease, common).catch(() => {});
    await Promise.all(leases.map((lease) => slots.drop(lease)));
    await Promise.all(working);
    await slots.close();
    await spares.close();
    await leave(server, host, home, common).catch(() => {});
  }
}

/** What waits in the worker's own queue goes to all; then the queue and its row are gone. */
async function leave({ pool, boss, schemas }: Server, host: string, home: string, common: string): Promise<void> {
  const moved = `update ${schemas.queue}.job set name = $2 where name = $1 and state in ('created', 'retry')`;
  await pool.query(moved, [home, common]);
  await pool.query(`delete from ${schemas.fleet}.hosts where host = $1`, [host]);
  await boss.deleteQueue(home);
}

/** None while the server is away. */
async function quietly(take: () => Promise<Lease[]>): Promise<Lease[]> {
  return take().catch((thrown) => {
    if (isAway(thrown)) return [];
    throw thrown;
  });
}

/** The runs that a worker evaluates for. */
interface Served {
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
