import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../base/files.ts';

/** Files of a run's folder in which it says at every beat, for `status` and the page, what it sees of others. */
type Name = 'fleet.json' | 'islands.json';

/** Milliseconds after which what a run wrote is old: it has ended. */
const OLD_MS = 30_000;

/** Writes what a run sees now. Where that fails the next beat tries again: a full disk is met by the journal, which waits for room. */
export function writeSeen(runDir: string, name: Name, state: object): void {
  try {
    replaceFile(join(runDir, name), `${JSON.stringify({ at: Date.now(), ...state })}\n`);
  } catch {
    // Readers see an old file.
  }
}

/** What a run last wrote; null where it never did, or has ended. */
export function readSeen<T extends { readonly at: number }>(runDir: string, name: Name, now: number): T | null {
  try {
    const state = JSON.parse(readFileSync(join(runDir, name), 'utf8')) as T;
    return now - state.at > OLD_MS ? null : state;
  } catch {
    return null;
  }
}
