import type { Server } from '../server/connect.ts';

/** A worker as the run sees it. */
export interface Host {
  readonly host: string;
  /** `name:pid` of its machine. */
  readonly name: string;
  readonly engine: string;
  /** Of Ralph, as people know it. */
  readonly version: string;
  readonly processes: number;
  readonly busy: number;
  readonly done: number;
  readonly failed: number;
  /** Answers that came after their lease was lost, and were ignored. */
  readonly late: number;
  /** Load average of the machine over a minute. */
  readonly load: number;
  readonly since: Date;
}

/** Seconds of silence after which a worker counts as gone. By the server's clock: a clock that is wrong elsewhere changes nothing. */
const SILENT_SECONDS = 8;
/** Seconds after which its row goes, and its own queue with it. */
const FORGOTTEN_SECONDS = 600;

export async function livingHosts({ pool, schemas }: Server): Promise<Host[]> {
  const { rows } = await pool.query<Host>(
    `select host, name, engine, version, processes, busy, done, failed, late, load, since from ${schemas.fleet}.hosts
     where beat > now() - make_interval(secs => $1) order by name`,
    [SILENT_SECONDS],
  );
  return rows;
}

/** Removes workers that were silent for long; what waits in their own queues goes with these. */
export async function forgetHosts(server: Server, homeOf: (engine: string, host: string) => string): Promise<void> {
  const { rows } = await server.pool.query<Pick<Host, 'host' | 'engine'>>(
    `delete from ${server.schemas.fleet}.hosts where beat < now() - make_interval(secs => $1) returning host, engine`,
    [FORGOTTEN_SECONDS],
  );
  for (const { host, engine } of rows) await server.boss.deleteQueue(homeOf(engine, host)).catch(() => {});
}
