import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { MODULE_ENDING } from '../base/module-ending.ts';
import { backoff } from '../base/wait/backoff.ts';
import { openOutbox } from './outbox.ts';

export interface SenderOptions {
  readonly runDir: string;
  readonly project: string;
  readonly entity: string;
  readonly baseUrl: string;
  readonly key: string;
}

/** What the harness tells the sender. */
export type ToSender = { type: 'start'; options: Omit<SenderOptions, 'key'> } | { type: 'poke' } | { type: 'close' };

/** The SDK keeps everything it sends in memory; beyond this the process ends and a new one goes on from the outbox. */
const HEAP_MB = 128;
/** Exit code of a sender that wants a fresh process, and has noted itself when to go on. */
export const REPLACE_ME = 75;

const RESTART_MS = 500;
const MOST_RESTART_MS = 60_000;

/** Keeps one sender process alive that nothing waits for, after a longer pause each time it dies young. Its environment holds only the key. */
export function keepSender(options: SenderOptions) {
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closing = false;
  let deaths = 0;

  const start = () => {
    timer = null;
    const born = performance.now();
    const { key, ...rest } = options;
    const started = spawn(
      process.execPath,
      [`--max-old-space-size=${HEAP_MB}`, join(import.meta.dirname, `sender/main${MODULE_ENDING}`)],
      {
        env: { WANDB_API_KEY: key, ...failpointOnce() },
        // A group of its own: Ctrl-C at the terminal is for the harness, which then closes the sender in its own time.
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    child = started;
    started.on('error', () => {});
    started.once('exit', (code) => {
      child = null;
      if (closing) return;
      const planned = code === REPLACE_ME || performance.now() - born > MOST_RESTART_MS;
      deaths = planned ? 0 : deaths + 1;
      const delay = backoff(deaths + 1, RESTART_MS, MOST_RESTART_MS);
      const hold = openOutbox(options.runDir).state().retryAt - Date.now();
      timer = setTimeout(start, Math.max(delay, Math.min(hold, MOST_RESTART_MS)));
      timer.unref();
    });
    tell(started, { type: 'start', options: rest });
    started.unref();
    started.channel?.unref();
  };
  start();

  return {
    /** Something new lies in the outbox. */
    poke: () => tell(child, { type: 'poke' }),
    /** Lets the sender finish what is under way for at most that long, then ends it. */
    close: async (graceMs: number): Promise<void> => {
      closing = true;
      if (timer) clearTimeout(timer);
      const last = child;
      if (last === null) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.ref();
      tell(last, { type: 'close' });
      using _kill = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await gone;
    },
    /** Null while it is down. For tests. */
    get pid(): number | null {
      return child?.pid ?? null;
    },
  };
}

/** A test may kill the first sender at a failpoint; the next one must live. */
let wanted = process.env.RALPH_FAILPOINT?.startsWith('tracking.delivered') ? process.env.RALPH_FAILPOINT : undefined;

function failpointOnce(): { RALPH_FAILPOINT?: string } {
  const point = wanted;
  wanted = undefined;
  return point === undefined ? {} : { RALPH_FAILPOINT: point };
}

function tell(child: ChildProcess | null, message: ToSender): void {
  if (child?.connected) child.send(message, () => {});
}
