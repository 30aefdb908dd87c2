import { matchesGlob, posix } from 'node:path';

/** Whether a path or glob stays within the project and out of `.git`. */
export function inside(path: string): boolean {
  const parts = posix.normalize(path).split('/');
  return !path.startsWith('/') && !path.includes('\\') && !path.includes('\0') && !parts.some(forbidden);
}

function forbidden(part: string): boolean {
  return part === '..' || part.toLowerCase() === '.git';
}

/** Whether any of the globs names the path; a folder's name alone means all that is in it. */
export function matches(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    const bare = glob.replace(/\/$/, '');
    return path === bare || path.startsWith(`${bare}/`) || matchesGlob(path, glob);
  });
}
