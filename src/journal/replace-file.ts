import { renameSync, writeFileSync } from 'node:fs';

/**
 * Replaces a file that can be made again from the journal: a reader sees the old content or the new one, but nothing waits for the disk. After
 * a power cut the file may be old or empty; the next cycle writes it again.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
