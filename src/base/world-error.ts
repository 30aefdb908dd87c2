import { messageOf, RalphError } from './errors.ts';

const RIGHTS = 'Give this user the right to it (`ls -ld` shows who owns it), then repeat the command.';
const ROOM = 'Free disk space, then repeat the command: what was written before is safe.';

/** What a person can do about an error that the operating system reports. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EROFS: 'Make the file system writable, or move the project to one that is, then repeat the command.',
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  ENOENT: 'Put it back (from git or a backup), then repeat the command.',
  ENOTDIR: 'Move the file that stands where a folder should be, then repeat the command.',
  EISDIR: 'Move the folder that stands where a file should be, then repeat the command.',
  EMFILE: 'Allow more open files (`ulimit -n 4096`), then repeat the command.',
  ENFILE: 'End programs that hold many files open, then repeat the command.',
  EIO: 'Check the disk (`dmesg`), then repeat the command.',
  ENOMEM: 'Free memory, then repeat the command.',
  EAGAIN: 'Allow more processes (`ulimit -u`), then repeat the command.',
};

/**
 * The error that a person should see when the operating system refused something, with what to do now; null for anything else, which is a
 * bug. Follows causes.
 */
export function worldError(thrown: unknown): RalphError | null {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, syscall } = at as NodeJS.ErrnoException;
    const remedy = syscall === undefined ? undefined : REMEDIES[code ?? ''];
    if (remedy) return new RalphError(messageOf(at), { remedy, cause: thrown });
  }
  return null;
}
