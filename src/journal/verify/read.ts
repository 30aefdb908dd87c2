import { readFileSync } from 'node:fs';
import { sha256 } from '../../base/hash.ts';

/** SHA-256 of a file; null for one that is not there or cannot be read: a folder, rights, more than 2 GB. */
export function hashOf(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch {
    return null;
  }
}

/** The text of a file; null for one that is not there or cannot be read, such as one of more than 512 MB. */
export function readable(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
