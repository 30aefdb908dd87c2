import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { backoff } from '../../base/wait/backoff.ts';
import { REPLACE_ME, type SenderOptions, type ToSender } from '../keeper.ts';
import { idOf, openOutbox } from '../outbox.ts';
import { deliver } from './deliver.ts';
import { Refused } from './refused.ts';
import { giveUp, watchForBrokenSdk } from './sdk.ts';
import { openServer } from './server.ts';

/** Runs under way at once: the SDK spends most of a delivery in pauses of its own. */
const PARALLEL = 8;
/** An item that fails this often while others pass is put aside. */
const MOST_ATTEMPTS = 5;
/** The run of the whole search changes with every cycle; it is sent again at most this often. */
const SEARCH_EVERY_MS = 30_000;
/** After so many runs a fresh process starts with empty memory. */
const MOST_RUNS = 300;
const FIRST_BACKOFF_MS = 2000;
const MOST_BACKOFF_MS = 300_000;
const MOST_HOLD_MS = 2 * 3_600_000;

// This file is the program of the sender process: it empties the outbox, confirms with the server, and ends when its harness is gone.
const key = process.env.WANDB_API_KEY ?? '';
let closing = false;
let wake = () => {};

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToSender) => {
  if (message.type === 'close') closing = true;
  if (message.type === 'start')
    empty(message.options).then(
      (code) => process.exit(code),
      () => process.exit(70),
    );
  wake();
});

/** The loop of the process; returns its exit code. */
async function empty(options: Omit<SenderOptions, 'key'>): Promise<number> {
  const outbox = openOutbox(options.runDir);
  const server = openServer({ ...options, key });
  const attempts = new Map<string, number>();
  let failures = outbox.state().attempts;
  let sent = 0;
  let searchAt = 0;
  let broken = false;
  watchForBrokenSdk(() => {
    broken = true;
  });
  server.onRefusal(() => giveUp(new Error('the server refused the beginning of a run')));
  for (;;) {
    const hold = Math.max(outbox.state().retryAt, server.holdUntil()) - Date.now();
    // A hold of more than two hours means that the clock was set back.
    if (hold > 0 && hold < MOST_HOLD_MS) {
      if (closing) return 0;
      await pause(hold);
      continue;
    }
    const files = outbox
      .pending()
      .filter((file) => closing || !isSearch(file) || Date.now() - searchAt >= SEARCH_EVERY_MS);
    if (files.length === 0) {
      if (closing) return 0;
      await pause(outbox.pending().length > 0 ? 1000 : 60_000);
      continue;
    }
    // What fails goes behind what was tried less often: eight files that storage never takes hold no other run back.
    const tried = (file: string) => attempts.get(file) ?? 0;
    const batch = files.toSorted((a, b) => tried(a) - tried(b)).slice(0, PARALLEL);
    const failed: unknown[] = [];
    await Promise.all(
      batch.map(async (file) => {
        try {
          const item = outbox.read(file);
          await deliver(item, server, options, key);
          outbox.delivered(item);
          if (isSearch(file)) searchAt = Date.now();
          sent += 1;
        } catch (error) {
          // A newer state of the same run has replaced the file.
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
          failed.push(error);
          const count = tried(file) + 1;
          attempts.set(file, count);
          // An item is set aside only if it fails while the server takes others.
          if (count >= MOST_ATTEMPTS && error instanceof Refused && error.itemFault) outbox.setAside(file);
        }
      }),
    );
    // The next batch waits longer only when nothing of this one arrived.
    failures = failed.length < batch.length ? 0 : failures + 1;
    const wait = backoff(failures, FIRST_BACKOFF_MS, MOST_BACKOFF_MS);
    const retryAt = Math.max(wait === 0 ? 0 : Date.now() + wait, server.holdUntil());
    const lastError = failed.length > 0 ? redact(messageOf(failed[0])) : null;
    outbox.saveState({ lastError, retryAt, attempts: failures });
    // The SDK retries silently for 20 minutes and cannot be stopped, so a new process takes over.
    if (broken || sent >= MOST_RUNS) return REPLACE_ME;
  }
}

async function pause(ms: number): Promise<void> {
  await Promise.race([sleep(Math.min(ms, 60_000)), new Promise<void>((resolve) => (wake = resolve))]);
}

function isSearch(file: string): boolean {
  return /-search-[0-9a-z]+$/.test(idOf(file));
}

function redact(text: string): string {
  return key ? text.replaceAll(key, '[key]').replaceAll(Buffer.from(`api:${key}`).toString('base64'), '[key]') : text;
}
