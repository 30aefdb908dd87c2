import type { PgBoss } from 'pg-boss';
import { withClient } from '../../market/database.ts';
import { type Answers, type Job, packAnswers } from '../job.ts';
import { ANSWERED, type Server } from '../server/connect.ts';

/** A job as one process holds it: another attempt at it is another lease. */
export interface Attempt {
  readonly id: string;
  readonly retryCount: number;
  /** The queue that it was taken from. */
  readonly queue: string;
}

export interface Lease extends Attempt {
  readonly job: Job;
}

type Affected = Awaited<ReturnType<PgBoss['complete']>> & { readonly affected: number };

/** Takes up to `most` jobs; none where the queue is not there. */
export async function takeJobs({ boss }: Server, queue: string, most: number): Promise<Lease[]> {
  const jobs = await boss.fetch<Job>(queue, { batchSize: most }).catch((thrown: Error) => {
    if (/does not exist/.test(thrown.message)) return [];
    throw thrown;
  });
  return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, queue, job: data }));
}

/** Says that the lease is still worked on. False when it was lost: taken by another worker, withdrawn, or ended. */
export async function holdLease({ boss }: Server, { queue, id, retryCount }: Attempt): Promise<boolean> {
  const { affected } = (await boss.touch(queue, { id, retryCount })) as Affected;
  return affected === 1;
}

/** Writes the answers and ends the job, both or neither. False when the lease was lost: then nothing is written. */
export async function answerJob(
  server: Server,
  { queue, id, retryCount, job }: Lease,
  host: string,
  answers: Answers,
  milliseconds: number,
): Promise<boolean> {
  const { bytes, fingerprint } = packAnswers(answers);
  return inTransaction(server, async (db) => {
    const { affected } = (await server.boss.complete(queue, { id, retryCount }, null, { db })) as Affected;
    if (affected !== 1) return false;
    await db.executeSql(
      `with put as (insert into ${server.schemas.fleet}.answers (job, host, kind, milliseconds, fingerprint, bytes)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing)
       select pg_notify('${ANSWERED}', $1::text)`,
      [id, host, job.kind, milliseconds, fingerprint, bytes],
    );
    return true;
  });
}

/** Gives a job back untouched, at once and to anybody: it is as if this worker had never taken it. */
export async function giveBack(server: Server, { queue, id, retryCount, job }: Lease, common: string): Promise<void> {
  await inTransaction(server, async (db) => {
    const { affected } = (await server.boss.deleteJob(queue, { id, retryCount }, { db })) as Affected;
    if (affected === 1) await server.boss.insert(common, [{ id, data: { ...job } }], { db });
    return affected === 1;
  });
}

/** Gives a job back that this host could not evaluate, with the reason. */
export async function failJob({ boss }: Server, { queue, id, retryCount }: Lease, message: string): Promise<void> {
  await boss.fail(queue, { id, retryCount }, { message });
}

interface Db {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Commits when the step says true. */
async function inTransaction(server: Server, step: (db: Db) => Promise<boolean>): Promise<boolean> {
  return withClient(server, async (client) => {
    await client.query('begin');
    const done = await step({ executeSql: (text, values) => client.query(text, values) });
    await client.query(done ? 'commit' : 'rollback');
    return done;
  });
}
