import { readFileSync } from 'node:fs';
import { attempt } from '../../base/attempt.ts';
import { sha256 } from '../../base/hash.ts';

/** SHA-256 of a file; null for one that is not there or cannot be read: a folder, rights, more than 2 GB. */
export function hashOf(path: string): string | null {
  return attempt(() => sha256(readFileSync(path))) ?? null;
}

/** The text of a file; null for one that is not there or cannot be read, such as one of more than 512 MB. */
export function readable(path: string): string | null {
  return attempt(() => readFileSync(path, 'utf8')) ?? null;
}
