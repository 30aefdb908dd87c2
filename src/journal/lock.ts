import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { lifeOf, ownIdentity, type ProcessIdentity } from './process.ts';

/** A holder that cannot be looked up (another machine or container) must touch its lock this often. */
const HEARTBEAT_MS = 5_000;
const SILENT_MS = 60_000;

/**
 * Makes this process the only harness of a run folder. A lock left by a crash or a reboot is recognised by process number,
 * start time and boot, and replaced. Throws RalphError when another harness is at work there.
 */
export async function lockRun(runDir: string): Promise<{ release(): Promise<void> }> {
  mkdirSync(runDir, { recursive: true });
  const path = join(runDir, 'lock');
  const mine = `${path}.${process.pid}`;
  const text = `${JSON.stringify(ownIdentity())}\n`;
  writeFileSync(mine, text);
  try {
    for (let attempt = 0; ; attempt++) {
      if (attempt > 20) throw busy(runDir, null);
      failpoint('journal.lock.before');
      if (link(mine, path)) break;
      await removeStale(path, runDir, attempt);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  failpoint('journal.lock.after');
  sweep(runDir);
  const beat = setInterval(() => touch(path), HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      if (contentOf(path) === text) rmSync(path, { force: true });
    },
  };
}

/** The harness at work in a run folder, or null when there is none. */
export function lockHolder(runDir: string): ProcessIdentity | null {
  const path = join(runDir, 'lock');
  const holder = parse(contentOf(path));
  return holder && stateOf(holder, path) === 'alive' ? holder : null;
}

/** What killed processes left of files that were never whole; the lock says that nobody is writing one now. */
function sweep(runDir: string): void {
  for (const folder of ['', 'objects', 'outbox', 'outbox/pending', 'outbox/failed']) {
    const path = join(runDir, folder);
    if (!existsSync(path)) continue;
    for (const name of readdirSync(path)) {
      if (/\.\d+\.tmp$|^lock\.(stale\.)?\d+$/.test(name)) rmSync(join(path, name), { force: true });
    }
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a stale lock away, and only the one that was judged: between look and rename another harness may have come. */
async function removeStale(path: string, runDir: string, attempt: number): Promise<void> {
  const text = contentOf(path);
  if (text === null) return;
  const holder = parse(text);
  // An unreadable lock is one that a crash left half-written by an older version; give a living writer a moment.
  if (holder === null && attempt < 3) {
    await sleep(50);
    return;
  }
  if (holder !== null && (stateOf(holder, path) === 'alive' || (await stillBeats(holder, path))))
    throw busy(runDir, holder);
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (contentOf(aside) !== text) link(aside, path);
  rmSync(aside, { force: true });
}

function stateOf(holder: ProcessIdentity, path: string): 'alive' | 'gone' {
  const life = lifeOf(holder);
  if (life !== 'unknown') return life;
  try {
    return Date.now() - statSync(path).mtimeMs < SILENT_MS ? 'alive' : 'gone';
  } catch {
    return 'gone';
  }
}

/**
 * Whether a holder that cannot be looked up touches its lock while we look. The two clocks need not agree, and either may have been set:
 * a lock that seems to be old is only taken when it stays untouched for longer than a beat by our own steady clock.
 */
async function stillBeats(holder: ProcessIdentity, path: string): Promise<boolean> {
  if (lifeOf(holder) !== 'unknown') return false;
  const touched = () => {
    try {
      return statSync(path).mtimeMs;
    } catch {
      return null;
    }
  };
  const before = touched();
  for (const end = performance.now() + 1.5 * HEARTBEAT_MS; performance.now() < end; ) {
    await sleep(500);
    if (touched() !== before) return touched() !== null;
  }
  return false;
}

function busy(runDir: string, holder: ProcessIdentity | null): RalphError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new RalphError(`${runDir} is in use by ${who}`, {
    remedy: 'Stop that run first, or choose another --tag; different tags run side by side.',
  });
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The folder went away under us; the journal's own writes will say so.
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string | null): ProcessIdentity | null {
  try {
    const value = JSON.parse(text ?? 'null') as ProcessIdentity | null;
    return typeof value?.pid === 'number' ? value : null;
  } catch {
    return null;
  }
}
