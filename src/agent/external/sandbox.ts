import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';

const BUBBLEWRAP = 'bwrap';

/** Whether bubblewrap is installed and may make namespaces; some systems forbid user namespaces. */
export function hasBubblewrap(): boolean {
  const words = ['--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'];
  return spawnSync(BUBBLEWRAP, words, { timeout: 10_000, stdio: 'ignore' }).status === 0;
}

/**
 * The command under bubblewrap. The disk is read-only but for the workspace. Empty folders stand in the places of the project (runs, journal,
 * windows), of `hidden` (data folders elsewhere) and of the temporary files of others. Of Ralph only the code that the tools need is there, and
 * the files that the command itself names.
 */
export function inBubblewrap(command: readonly string[], workspace: string, hidden: readonly string[] = []): string[] {
  const parts = ['src', 'node_modules', 'package.json'].map((name) => join(PACKAGE_ROOT, name));
  // Node lies in one of the emptied folders where a checkout does, or where its modules are a link.
  const code = [...parts, process.execPath].filter(existsSync);
  const empty = [tmpdir(), PROJECT_DIR, ...hidden].filter(existsSync).map((path) => realpathSync(path));
  const named = command.filter((word) => isAbsolute(word) && existsSync(word) && statSync(word).isFile());
  return [
    BUBBLEWRAP,
    ...['--die-with-parent', '--unshare-pid', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...empty.flatMap((path) => ['--tmpfs', path]),
    ...[...code, ...named].flatMap((path) => ['--ro-bind', path, path]),
    ...['--bind', workspace, workspace, '--chdir', workspace, '--'],
    ...command,
  ];
}
