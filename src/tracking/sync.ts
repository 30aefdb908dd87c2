import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../base/attempt.ts';
import type { RunEvent } from '../journal/events.ts';
import { keepSender, type SenderOptions } from './keeper.ts';
import { digestOf, idOf, type Outbox, openOutbox } from './outbox.ts';
import { allTrackedRuns, type TrackedOptions } from './runs.ts';

/** Puts into the outbox what the server has not confirmed and what does not wait there yet. Returns how many were added. */
export function fillOutbox(outbox: Outbox, events: readonly RunEvent[], options: TrackedOptions): number {
  const known = outbox.deliveredDigests();
  for (const file of outbox.pending()) {
    const item = attempt(() => outbox.read(file));
    if (item) known.set(idOf(file), item.digest);
    else outbox.discard(file);
  }
  const missing = allTrackedRuns(events, options).filter((run) => known.get(run.id) !== digestOf(run));
  for (const run of missing) outbox.put(run);
  return missing.length;
}

/** Runs a sender until the outbox is empty or the time is up; returns how many items are left. */
export async function drain(
  options: SenderOptions,
  patienceMs: number,
  onProgress: (left: number) => void,
): Promise<number> {
  const outbox = openOutbox(options.runDir);
  const sender = keepSender(options);
  const end = performance.now() + patienceMs;
  try {
    for (;;) {
      const left = outbox.pending().length;
      onProgress(left);
      if (left === 0 || performance.now() >= end) return left;
      sender.poke();
      await sleep(500);
    }
  } finally {
    await sender.close(1000);
  }
}
