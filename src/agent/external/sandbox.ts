import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';

const BUBBLEWRAP = 'bwrap';

/** Whether bubblewrap is installed and allowed to work here; some systems forbid user namespaces. */
export function hasBubblewrap(): boolean {
  return spawnSync(BUBBLEWRAP, ['--ro-bind', '/', '/', 'true'], { timeout: 10_000, stdio: 'ignore' }).status === 0;
}

/**
 * The command under bubblewrap: the disk is read-only but for the home folder and the workspace, and the project with its runs, journal, frozen windows
 * and data is not there at all; of Ralph, only the code that the tools need. Data outside of the project folder stays readable.
 */
export function inBubblewrap(command: readonly string[], workspace: string, home: string | undefined): string[] {
  const code = ['src', 'node_modules', 'package.json'].map((name) => join(PACKAGE_ROOT, name)).filter(existsSync);
  return [
    BUBBLEWRAP,
    ...['--die-with-parent', '--unshare-pid', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...(home ? ['--bind', home, home] : []),
    ...['--tmpfs', PROJECT_DIR],
    ...code.flatMap((path) => ['--ro-bind', path, path]),
    ...['--bind', workspace, workspace, '--chdir', workspace, '--'],
    ...command,
  ];
}
