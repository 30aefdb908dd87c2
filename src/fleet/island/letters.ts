import type { ToChild, ToParent } from '../../agent/ipc.ts';
import { codeVersion } from '../../base/code-version.ts';

/** What an island says of a session to the run: as its process does, and `left` when the island ends. */
export type ToRun =
  | Extract<ToParent, { kind: 'call' | 'drive' | 'entry' | 'end' }>
  | { readonly kind: 'left'; readonly why: string };

/** What a run says to an island. */
export type ToIsland = Extract<ToChild, { kind: 'answer' | 'abort' }>;

/** Sessions of one run are held by the same code, wherever they are. */
export function sessionVersion(): string {
  return codeVersion(['agent', 'fleet']);
}

/** The queue of one island: the run chooses who holds a session. */
export function islandQueue(code: string, island: string): string {
  return `sessions-${code.slice(0, 16)}-${island.slice(0, 8)}`;
}

/** Seconds of silence of an island after which its session is lost. Long enough for a restart of the database. */
const SESSION_LEASE_SECONDS = 20;

/** A session is held once: who loses it starts another one. */
export const SESSION_SETTINGS = {
  ...{ retryLimit: 0, retryDelay: 0, heartbeatSeconds: SESSION_LEASE_SECONDS, expireInSeconds: 6 * 3600 },
  ...{ deleteAfterSeconds: 600, retentionSeconds: 86_400 },
};
