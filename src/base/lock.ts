import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A file that is collected as garbage would give its lock up. */
const held = new Set<DatabaseSync>();

/**
 * Takes a lock, or returns null when another process still has it after `waitMs`. It is the operating system's lock on a small SQLite file:
 * it ends with its process, however that process ends, so there is no stale lock to remove. Nothing else may open the file.
 */
export function takeLock(path: string, waitMs = 0): { release(): void } | null {
  const file = openFile(path, waitMs);
  try {
    file.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive');
  } catch {
    file.close();
    return null;
  }
  held.add(file);
  return {
    release: () => {
      if (held.delete(file)) file.close();
    },
  };
}

/** SQLite does not say why it cannot open a file; the operating system does. */
function openFile(path: string, timeout: number): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout });
  } catch (error) {
    closeSync(openSync(path, 'a'));
    throw error;
  }
}

/** Whether a process holds the lock. Writes nothing. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  using file = new DatabaseSync(path, { readOnly: true, timeout: 0 });
  try {
    file.exec('select count(*) from sqlite_master');
    return false;
  } catch {
    return true;
  }
}
