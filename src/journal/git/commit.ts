import { chmodSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { must } from './command.ts';
import { guard, look, type Place } from './guard.ts';

interface Target {
  readonly dir: string;
  readonly branch: string;
  readonly identity: readonly string[];
}

/**
 * Commits the files behind `tip` on the run's branch; the commit's hash. Where the worktree or the branch is lost or moved in the middle of it, both
 * are put back and the commit is made once more. Throws RalphError.
 */
export async function commitBehind(
  place: Place,
  target: Target,
  tip: string,
  files: Readonly<Record<string, string>>,
  message: string,
): Promise<string> {
  const attempt = async () => commit(target, await guard(place, tip), tip, files, message);
  try {
    return await attempt();
  } catch (error) {
    // Worktree and branch are as they were: git refused for another reason.
    if ((await look(place))?.tip === tip) throw error;
    return attempt();
  }
}

async function commit(
  { dir, branch, identity }: Target,
  gitDir: string,
  tip: string,
  files: Readonly<Record<string, string>>,
  message: string,
): Promise<string> {
  // Named, not looked for: without the worktree git would find the repository around it, which is the user's.
  const here = ['--git-dir', gitDir, '--work-tree', dir];
  mkdirSync(dir, { recursive: true });
  const paths = Object.keys(files);
  failpoint('journal.commit.before');
  for (const path of paths) writeInside(dir, path, files[path]);
  if (paths.length > 0) await stage(dir, here, paths);
  failpoint('journal.commit.staged');
  // In steps, because `git commit` would begin a new history where the branch was deleted a moment ago.
  const tree = await must(dir, [...here, 'write-tree']);
  const made = await must(dir, [...here, ...identity, 'commit-tree', tree, '-p', tip, '-F', '-'], message);
  await must(dir, [...here, 'update-ref', '-m', 'commit', `refs/heads/${branch}`, made, tip]);
  failpoint('journal.commit.after');
  return made;
}

/**
 * Into the index byte for byte: `git add` would make of a file what the project's attributes say (line ends, filters, encodings), and refuse
 * one that is ignored or not checked out.
 */
async function stage(dir: string, here: readonly string[], paths: readonly string[]): Promise<void> {
  const [names, known] = await Promise.all([
    must(dir, [...here, 'hash-object', '-w', '--no-filters', '--', ...paths]),
    must(dir, [...here, 'ls-files', '--stage', '-z', '--', ...paths.map((path) => `:(literal)${path}`)]),
  ]);
  const programs = new Set(known.split('\0').flatMap((line) => /^100755 [^\t]*\t(.*)$/s.exec(line)?.[1] ?? []));
  const entries = names.split('\n').map((name, i) => {
    const program = programs.has(paths[i]);
    if (program) chmodSync(join(dir, paths[i]), 0o755);
    return `${program ? '100755' : '100644'} ${name}\t${paths[i]}\0`;
  });
  await must(dir, [...here, 'update-index', '--add', '--replace', '-z', '--index-info'], entries.join(''));
}

/** Refuses paths that leave the worktree, also through a symbolic link in the project. */
function writeInside(dir: string, path: string, content: string): void {
  const target = resolve(dir, path);
  mkdirSync(dirname(target), { recursive: true });
  const real = join(realpathSync(dirname(target)), target.slice(dirname(target).length));
  const inside = relative(realpathSync(dir), real);
  if (isAbsolute(path) || inside === '..' || inside.startsWith(`..${sep}`) || inside.split(sep)[0] === '.git')
    throw new RalphError(`refusing to write outside of the run's worktree: ${path}`, {
      remedy: 'Replace the symbolic link in the project by a folder.',
    });
  rmSync(target, { force: true });
  writeFileSync(target, content);
}
