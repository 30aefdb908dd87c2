import { addAbortListener } from 'node:events';
import { loadavg } from 'node:os';
import { say } from '../../base/draw/terminal.ts';
import { BEAT_SECONDS, isAway } from './connect.ts';

export type Wake = ReturnType<typeof openWake>;

/** A wait that can be ended. */
export function openWake() {
  let woken = Promise.withResolvers<void>();
  return {
    now: () => woken.resolve(),
    async within(ms: number) {
      const timer = setTimeout(woken.resolve, ms);
      await woken.promise;
      clearTimeout(timer);
      woken = Promise.withResolvers();
    },
  };
}

interface Work {
  /** Looks whether it still holds what it took, and says that it is there. */
  beat(): Promise<void>;
  /** Takes what waits; false where nothing does. */
  take(): Promise<boolean>;
  /** One line for a person, of the last so many seconds. */
  report(seconds: number): string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const MINUTE_MS = 60_000;

/** Beats and takes work until the signal comes. Throws what a beat throws; where the server is away, the next beat tries again. */
export async function serveUntil(wake: Wake, { beat, take, report, signal }: Work): Promise<void> {
  let refused: unknown;
  let beating: Promise<void> | undefined;
  let reportedAt = performance.now();
  const onBeat = () => {
    const sinceMs = performance.now() - reportedAt;
    if (sinceMs >= MINUTE_MS) {
      reportedAt += sinceMs;
      say(`${report(sinceMs / 1000)}, load ${loadavg()[0].toFixed(1)}`);
    }
    beating ??= beat()
      .catch((thrown) => {
        if (!isAway(thrown)) refused = thrown;
      })
      .finally(() => {
        beating = undefined;
        if (refused) wake.now();
      });
  };
  using _beats = setInterval(onBeat, BEAT_SECONDS * 1000);
  using _end = addAbortListener(signal, () => wake.now());
  try {
    await beat().catch((thrown) => {
      // The next one tries again, as at any other time.
      if (!isAway(thrown)) throw thrown;
    });
    while (!signal.aborted && !refused) if (!(await take())) await wake.within(BEAT_SECONDS * 1000);
    if (refused) throw refused;
  } finally {
    await beating;
  }
}
