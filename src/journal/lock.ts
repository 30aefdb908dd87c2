import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { namesIn, textAt } from '../base/files.ts';
import { jsonIn } from '../base/json.ts';
import { isLocked, takeLock } from '../base/lock.ts';

/** Who is at work in a run folder, for people: the file `lock`. What decides is `lock.sqlite`. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** A command that only asks whether the lock is held has it for an instant. */
const WAIT_MS = 1000;

/** Makes this process the only harness of a run folder. Throws RalphError when another one is at work there. */
export function lockRun(runDir: string): { release(): void } {
  mkdirSync(runDir, { recursive: true });
  const path = join(runDir, 'lock');
  failpoint('journal.lock.before');
  const lock = takeLock(`${path}.sqlite`, WAIT_MS);
  if (!lock) {
    const holder = readHolder(path);
    const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
    throw new RalphError(`${runDir} is in use by ${who}`, {
      remedy: 'Stop that run first, or choose another --tag; different tags run side by side.',
    });
  }
  writeFileSync(path, `${JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder)}\n`);
  failpoint('journal.lock.after');
  sweep(runDir);
  return {
    release: () => {
      // First the name, then the lock: the next holder writes its own.
      rmSync(path, { force: true });
      lock.release();
    },
  };
}

/** The harness at work in a run folder, or null when there is none. */
export function lockHolder(runDir: string): Holder | null {
  const path = join(runDir, 'lock');
  return isLocked(`${path}.sqlite`) ? (readHolder(path) ?? { pid: 0, host: 'this machine' }) : null;
}

/** What killed processes left of files that were never whole; the lock says that no process is writing one now. */
function sweep(runDir: string): void {
  for (const folder of ['', 'objects', 'outbox', 'outbox/pending', 'outbox/failed']) {
    const path = join(runDir, folder);
    for (const name of namesIn(path)) if (/\.\d+\.tmp$/.test(name)) rmSync(join(path, name), { force: true });
  }
}

function readHolder(path: string): Holder | null {
  return (jsonIn(textAt(path) ?? '') as Holder | undefined) ?? null;
}
