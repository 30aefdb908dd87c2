import { addAbortListener } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '../../base/wait/backoff.ts';
import type { SessionLimits } from '../contract.ts';

const DEFAULT_PATIENCE_MS = 300_000;
const LONGEST_PAUSE_MS = 60_000;

/** Doubling pauses while a server is away, within the patience of the session. State is kept; the run goes on when it is back. */
export class Patience {
  readonly #first: number;
  readonly #limit: number;
  #pauses = 0;
  #waited = 0;

  constructor({ retryMs = 1000, patienceMs = DEFAULT_PATIENCE_MS }: SessionLimits) {
    this.#first = retryMs;
    this.#limit = patienceMs;
  }

  /** The next pause in ms, or null when patience or wall time is used up. `hint` is the server's own Retry-After. */
  next(hint: number | undefined, wallLeftMs: number): number | null {
    const wait = Math.min(Math.max(this.step(), hint ?? 0), LONGEST_PAUSE_MS);
    if (this.#waited + wait > this.#limit || wait > wallLeftMs) return null;
    this.#waited += wait;
    return wait;
  }

  /** Whether the server has been away for so long that a restart is due: a fifth of the patience. */
  get restartDue(): boolean {
    return this.#waited >= this.#limit / 5;
  }

  /** One pause of the doubling row. */
  step(): number {
    this.#pauses += 1;
    return backoff(this.#pauses, this.#first, LONGEST_PAUSE_MS);
  }

  reset(): void {
    this.#pauses = 0;
    this.#waited = 0;
  }
}

/** Waits, or returns at once when the session is told to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** What `work` comes to, or `otherwise` at once when the session is told to stop; the work itself goes on. */
export async function orAborted<T, Otherwise>(
  work: Promise<T>,
  signal: AbortSignal,
  otherwise: Otherwise,
): Promise<T | Otherwise> {
  const stopped = Promise.withResolvers<Otherwise>();
  using _ = addAbortListener(signal, () => stopped.resolve(otherwise));
  return await Promise.race([stopped.promise, work]);
}
