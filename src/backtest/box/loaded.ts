import { realpathSync } from 'node:fs';
import type { BoxAnswer } from '../contract.ts';
import { acceptFingerprints } from './accept.ts';
import { childProgram } from './bundle.ts';
import { type Channel, openChannel } from './channel.ts';
import type { Exercise } from './protocol.ts';

/** What an evaluation child is started with. */
export interface LoadOptions {
  /** The files of each window, in the candidate's order of symbols: all that the child may read. */
  readonly windows: readonly (readonly string[])[];
  /** Wall time of one simulation or audit, and the size of the child's heap. */
  readonly limits: { readonly wallMs: number; readonly heapMb: number };
  /** Surrogates of a universe are written over its first window, which is read again behind them: slower, and in half of the memory. */
  readonly overwrite?: boolean;
  /** What one that waits exercises: what its candidate will be asked for. Absent: nothing. */
  readonly exercise?: Exercise;
}

/** A child that holds its windows and has seen no candidate. */
export interface LoadedChild {
  readonly channel: Channel;
  readonly limits: LoadOptions['limits'];
  /** See LoadOptions. */
  readonly overwrite: boolean;
  /** Of each file: SHA-256 over the very bytes that the child holds and will evaluate on, whatever becomes of the files. */
  readonly fingerprints: readonly string[];
}

/** Starting and reading is no candidate's time: a guard against hanging for ever, on the busiest of machines. */
export const LOAD_MS = 180_000;

/** How much later than the child's own watchdog the harness loses patience. */
export const GRACE_MS = 250;

/**
 * Starts an evaluation child and has it read its windows. No candidate has been near it: a failure is the world's. Throws
 * when a file is not there; a file that is not what it was written as fails with kind `throw`.
 */
export async function loadChild({
  windows: given,
  limits,
  overwrite = false,
}: LoadOptions): Promise<BoxAnswer<LoadedChild>> {
  // The child works in another folder and may read the real files alone.
  const windows = given.map((files) => files.map((path) => realpathSync(path)));
  const windowFiles = windows.flat();
  const channel = openChannel(await childProgram(), { windowFiles, limits });
  let loaded = false;
  try {
    const answer = await channel.ask({ kind: 'load', windows, overwrite }, LOAD_MS, LOAD_MS + GRACE_MS);
    const accepted = answer.ok ? acceptFingerprints(windowFiles.length)(answer.value) : answer;
    loaded = accepted.ok;
    if (accepted.ok) return { ok: true, value: { channel, limits, overwrite, fingerprints: accepted.value } };
    return { ok: false, kind: accepted.kind, message: accepted.message };
  } finally {
    if (!loaded) await channel.end();
  }
}
