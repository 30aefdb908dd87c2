import type { SessionLimits } from '../contract.ts';

const DEFAULT_PATIENCE_MS = 300_000;
const LONGEST_PAUSE_MS = 60_000;

/** Doubling pauses while a server is away, within the patience of the session. State is kept; the run goes on when it is back. */
export class Patience {
  readonly #first: number;
  readonly #limit: number;
  #pause: number;
  #waited = 0;

  constructor(limits: SessionLimits) {
    this.#first = limits.retryMs ?? 1000;
    this.#limit = limits.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.#pause = this.#first;
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
    const wait = this.#pause;
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    return wait;
  }

  reset(): void {
    this.#pause = this.#first;
    this.#waited = 0;
  }
}

/** Waits, or returns at once when the session is told to stop. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      done();
    };
    const timer = setTimeout(stop, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** What `work` comes to, or `otherwise` at once when the session is told to stop; the work itself goes on. */
export function orAborted<T, Otherwise>(
  work: Promise<T>,
  signal: AbortSignal,
  otherwise: Otherwise,
): Promise<T | Otherwise> {
  return new Promise((done, fail) => {
    const stop = () => done(otherwise);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(done, fail).finally(() => signal.removeEventListener('abort', stop));
  });
}
