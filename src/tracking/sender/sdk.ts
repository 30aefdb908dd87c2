import wandb from '@wandb/sdk';
import type { OutboxItem } from '../outbox.ts';
import { Refused } from './refused.ts';

/** The SDK resolves late and sometimes never. The outbox still holds the run, so giving up loses nothing. */
const MOST_MS = 45_000;

/** After a failure of one run the others still get this long. */
const GRACE_MS = 4000;

let onBroken: (() => void) | null = null;
const inFlight = new Set<(error: unknown) => void>();

/** The SDK fails through uncaught exceptions: the runs under way are given up and the process is replaced. */
export function watchForBrokenSdk(listener: () => void): void {
  onBroken = listener;
  process.on('uncaughtException', giveUp);
  process.on('unhandledRejection', giveUp);
}

/** One run failed, and the SDK does not say which: the healthy ones get a moment to end. */
export function giveUp(error: unknown): void {
  onBroken?.();
  const waiting = [...inFlight];
  setTimeout(() => {
    for (const fail of waiting) fail(error);
  }, GRACE_MS);
}

/** Sends one run, whole, through the SDK. Returning says nothing about arrival. Throws Refused when the SDK broke or hung. */
export async function sendRun(
  { run, digest }: OutboxItem,
  target: { readonly entity: string; readonly project: string; readonly baseUrl: string; readonly key: string },
): Promise<void> {
  await guarded(async () => {
    const { key, baseUrl, entity, project } = target;
    // The SDK's type names fewer settings than its code reads.
    const settings = { apiKey: key, baseUrl, offline: false, silent: true } as never;
    const sending = await wandb.init({ id: run.id, name: run.name, entity, project, config: run.config, settings });
    dropSdkHandlers();
    const rows = run.history.length > 0 ? run.history : [{}];
    for (const [index, row] of rows.entries()) {
      const last = index === rows.length - 1;
      // The server's summary is the last value of every key, so summary values go into the last row.
      sending.log(last ? { ...row, ...run.summary, 'ralph/digest': digest } : { ...row });
    }
    await sending.finish(run.exitCode ?? 0);
  });
}

/** Each init adds handlers that end the process on a signal and hold on to the run. */
function dropSdkHandlers(): void {
  for (const name of ['beforeExit', 'SIGTERM', 'SIGINT']) process.removeAllListeners(name);
  process.on('SIGINT', () => {});
}

async function guarded(work: () => Promise<void>): Promise<void> {
  let fail: (error: unknown) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (error) =>
      reject(new Refused(`the W&B SDK failed: ${error instanceof Error ? error.message : String(error)}`, false));
    timer = setTimeout(() => {
      onBroken?.();
      fail(new Error(`no end after ${MOST_MS} ms`));
    }, MOST_MS);
  });
  inFlight.add(fail);
  try {
    await Promise.race([work(), failed]);
  } finally {
    clearTimeout(timer);
    inFlight.delete(fail);
  }
}
