import type { Capabilities } from '../../agent/contract.ts';
import type { Server } from '../server/connect.ts';
import { islandQueue } from './letters.ts';

/** An island as the run sees it. */
export interface Island {
  readonly island: string;
  /** `name:pid` of its machine. */
  readonly name: string;
  /** Of Ralph, as people know it. */
  readonly version: string;
  /** Of the code that holds sessions. */
  readonly code: string;
  readonly model: string;
  readonly capabilities: Capabilities;
  /** Sessions that it holds at once, and holds now. */
  readonly sessions: number;
  readonly busy: number;
  /** Sessions that it held to their end, and that it lost. */
  readonly held: number;
  readonly lost: number;
  readonly load: number;
}

/** Seconds of silence, by the server's clock, after which an island counts as gone. */
const SILENT_SECONDS = 8;
const FORGOTTEN_SECONDS = 600;

/** Those that are there, in the order of their names. */
export async function livingIslands({ pool, schemas }: Server): Promise<Island[]> {
  const { rows } = await pool.query<Island>(
    `select island, name, version, code, model, capabilities, sessions, busy, held, lost, load from ${schemas.fleet}.islands
     where beat > now() - make_interval(secs => $1) order by name collate "C", island`,
    [SILENT_SECONDS],
  );
  return rows;
}

/** Removes islands that were silent for long, and their queues. */
export async function forgetIslands({ pool, boss, schemas }: Server): Promise<void> {
  const { rows } = await pool.query<Pick<Island, 'island' | 'code'>>(
    `delete from ${schemas.fleet}.islands where beat < now() - make_interval(secs => $1) returning island, code`,
    [FORGOTTEN_SECONDS],
  );
  for (const { island, code } of rows) await boss.deleteQueue(islandQueue(code, island)).catch(() => {});
}

/** The island of a session: by its number, busy or idle. Undefined where none is there. */
export function islandFor(islands: readonly Island[], number: number): Island | undefined {
  return islands[(number - 1) % islands.length];
}
