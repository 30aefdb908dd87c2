import type { Capabilities } from '../../agent/contract.ts';
import type { Server } from '../server/connect.ts';
import { forgetSilent, type Present, presentIn } from '../server/present.ts';
import { islandQueue } from './letters.ts';

/** An island as the run sees it. */
export interface Island extends Present {
  readonly island: string;
  /** Of the code that holds sessions. */
  readonly code: string;
  readonly model: string;
  readonly capabilities: Capabilities;
  /** Sessions that it holds at once. */
  readonly sessions: number;
  /** Sessions that it held to their end, and that it lost. */
  readonly held: number;
  readonly lost: number;
}

/** Those that are there, in the order of their names. */
export async function livingIslands(server: Server): Promise<Island[]> {
  const columns = ['code', 'model', 'capabilities', 'sessions', 'held', 'lost'] as const;
  return presentIn<Island>(server, 'islands', 'island', columns);
}

/** Removes islands that were silent for long, and their queues. */
export async function forgetIslands(server: Server): Promise<void> {
  await forgetSilent<Island>(server, 'islands', ['island', 'code'], ({ island, code }) => islandQueue(code, island));
}

/** The island of a session: by its number, busy or idle. Undefined where none is there. */
export function islandFor(islands: readonly Island[], number: number): Island | undefined {
  return islands[(number - 1) % islands.length];
}
