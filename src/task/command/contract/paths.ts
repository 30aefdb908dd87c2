import { matchesGlob, posix } from 'node:path';
import { z } from 'zod';

/** Whether a path or glob stays within the project and out of `.git`. */
export function inside(path: string): boolean {
  const parts = posix.normalize(path).split('/');
  return (
    !path.startsWith('/') &&
    !path.includes('\\') &&
    !path.includes('\0') &&
    !parts.some((part) => /^(\.\.|\.git)$/i.test(part))
  );
}

/** A path or glob of a contract: relative to the folder that holds `ralph/`, with forward slashes. */
export const path = z
  .string()
  .min(1)
  .refine(inside, 'must lie inside the project: no absolute path, no ".." and no ".git"');

/** Whether any of the globs names the path; a folder's name alone means all that is in it. */
export function matches(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    const bare = glob.replace(/\/$/, '');
    return path === bare || path.startsWith(`${bare}/`) || matchesGlob(path, glob);
  });
}
