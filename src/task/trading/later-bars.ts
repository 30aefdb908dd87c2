import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const NAME = /^(?:forward|signals)-(?:(\d+)-)?\w{6}$/;
const own = new Set<string>();

/**
 * Makes a folder of its own for `what` in the data folder, for windows that go beyond every window of a run, so that no run finds its files.
 * It goes with the block that holds it. Its name holds the process: those that a kill left there are removed first.
 */
export function openLaterBars(dataDir: string, what: 'forward' | 'signals'): { readonly dir: string } & Disposable {
  mkdirSync(dataDir, { recursive: true });
  clearLaterBars(dataDir);
  const dir = mkdtempSync(join(dataDir, `${what}-${process.pid}-`));
  own.add(basename(dir));
  return {
    dir,
    [Symbol.dispose]: () => {
      rmSync(dir, { recursive: true, force: true });
      own.delete(basename(dir));
    },
  };
}

/** Removes the folders whose process is gone. */
export function clearLaterBars(dataDir: string): void {
  for (const name of existsSync(dataDir) ? readdirSync(dataDir) : []) {
    const [found, pid] = NAME.exec(name) ?? [];
    if (found && !isUsed(name, Number(pid ?? 0))) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

/** A number without a process, or one that is ours by chance, names nobody who still reads it. */
function isUsed(name: string, pid: number): boolean {
  if (pid === process.pid) return own.has(name);
  if (pid === 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
