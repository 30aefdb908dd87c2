import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the folder's lock, or returns null when another process has it. It is the operating system's lock on a small
 * SQLite file, so that it ends with its process however that process ends: there is no stale lock to break.
 */
export function lockFolder(path: string): { release(): void } | null {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch {
    file.close();
    return null;
  }
  return { release: () => file.close() };
}
