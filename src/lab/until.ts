import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything that is waited for takes on the busiest of machines, and far below the time limit of a test. */
const PATIENCE_MS = 300_000;

/**
 * Waits until something is so; fails with `what` was waited for, and never waits for ever. A condition that is a promise is
 * asked again when it has answered.
 */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
    await sleep(everyMs);
  }
}
