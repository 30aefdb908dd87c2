import { zstdCompressSync } from 'node:zlib';
import { messageOf } from '../../base/errors.ts';
import { type Job, queueOf } from '../job.ts';
import { CLOSED, LEASE_SECONDS, type Server } from '../server/connect.ts';

/** Workers that may be lost over one job. */
export const TRIES = 3;
/** Seconds that one job may take: a guard against a worker that beats and never answers. */
const LONGEST_SECONDS = 6 * 3600;

const SETTINGS = {
  retryLimit: TRIES - 1,
  retryDelay: 0,
  heartbeatSeconds: LEASE_SECONDS,
  expireInSeconds: LONGEST_SECONDS,
  deleteAfterSeconds: 600,
  retentionSeconds: 86_400,
};

/** A job in a queue of this engine. */
export interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  readonly output: unknown;
}

/** What a worker wrote. */
export interface AnswerRow {
  readonly job: string;
  readonly host: string;
  readonly milliseconds: number;
  readonly fingerprint: string;
  readonly bytes: Buffer;
}

/** The jobs, answers and candidates of one engine version, as a run reads and writes them. */
export async function openJobs({ pool, boss, schemas }: Server, engine: string) {
  const common = queueOf(engine);
  await boss.createQueue(common, { ...SETTINGS, notify: true });
  await pool.query(`delete from ${schemas.fleet}.candidates where at < now() - interval '7 days'`);
  await pool.query(`delete from ${schemas.fleet}.answers where at < now() - interval '1 day'`);

  /** False when a job of this name is in the queue already. */
  const insert = async (id: string, job: Job, queue: string): Promise<boolean> => {
    const row = { id, data: { ...job }, ...SETTINGS };
    const sent = await boss.insert(queue, [row]).catch((thrown) => {
      // The queue of a worker that has left.
      if (queue === common || !/does not exist/.test(messageOf(thrown))) throw thrown;
      return boss.insert(common, [row]);
    });
    return (sent ?? []).length > 0;
  };
  const remove = async (ids: readonly string[]): Promise<void> => {
    await pool.query(`delete from ${schemas.queue}.job where id = any($1) and name like $2`, [ids, `${common}%`]);
  };
  return {
    common,
    insert,
    remove,
    async again(id: string, job: Job): Promise<void> {
      await remove([id]);
      await insert(id, job, common);
    },
    async rows(ids: readonly string[]): Promise<JobRow[]> {
      const { rows } = await pool.query<JobRow>(
        `select id, name, state::text, output from ${schemas.queue}.job where id = any($1) and name like $2`,
        [ids, `${common}%`],
      );
      return rows;
    },
    /** From the queue of one worker to the queue of all, unless it was taken meanwhile. */
    async moveToAll(id: string, from: string): Promise<void> {
      await pool.query(
        `update ${schemas.queue}.job set name = $3 where id = $1 and name = $2 and state in ('created', 'retry')`,
        [id, from, common],
      );
    },
    async answers(ids: readonly string[]): Promise<AnswerRow[]> {
      const { rows } = await pool.query<AnswerRow>(
        `select job, host, milliseconds, fingerprint, bytes from ${schemas.fleet}.answers where job = any($1)`,
        [ids],
      );
      return rows;
    },
    async dropAnswer(id: string): Promise<void> {
      await pool.query(`delete from ${schemas.fleet}.answers where job = $1`, [id]);
    },
    async store(candidate: string, text: string): Promise<void> {
      const statement = `insert into ${schemas.fleet}.candidates values ($1, $2) on conflict do nothing`;
      await pool.query(statement, [candidate, zstdCompressSync(text)]);
    },
    /** Removes answers that were taken, and tells the workers that the candidate is done with. */
    async forget(candidate: string, ids: readonly string[]): Promise<void> {
      const statement = `with gone as (delete from ${schemas.fleet}.answers where job = any($1)) select pg_notify('${CLOSED}', $2)`;
      await pool.query(statement, [ids, candidate]);
    },
  };
}
