import { existsSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../base/attempt.ts';
import { say } from '../../base/draw/terminal.ts';
import { RalphError } from '../../base/errors.ts';
import { freeName } from '../../base/files.ts';
import { commitAt, firstLine, git, must } from './command.ts';

/** Where the commits of a run go. */
export interface Place {
  /** Folder of the worktree. */
  readonly dir: string;
  readonly branch: string;
  /** Folder in which the branch's repository is found when the worktree is gone; null where the run has a repository of its own. */
  readonly projectDir: string | null;
  /** The git folder of that repository: a copied project has a worktree that still belongs to the one it was copied from. */
  readonly commonDir: string;
}

/**
 * Makes sure that a commit goes to the run's own branch, behind `tip`; returns the git folder of the worktree, which every later command
 * names. A lost or switched worktree is made anew. A moved or deleted branch is put back; what it pointed at stays under `refs/ralph/`. Throws
 * RalphError.
 */
export async function guard(place: Place, tip: string): Promise<string> {
  const found = await look(place);
  if (found?.tip === tip) return found.gitDir;
  if (place.projectDir === null)
    throw new RalphError(`${place.dir} is not the repository that this run made, or its branch was moved`, {
      remedy: 'Restore that folder from a backup, or start under a new --tag.',
    });
  await restoreBranch(place, place.projectDir, tip);
  if (!(await look(place))) await renew(place, place.projectDir);
  const again = await look(place);
  if (again?.tip === tip) return again.gitDir;
  throw new RalphError(`the worktree ${place.dir} cannot be put back on ${place.branch}`, {
    remedy: `Look at it with: git -C ${place.projectDir} worktree list`,
  });
}

/** The worktree's git folder and the commit it stands on; null when it is not this run's worktree on this run's branch. */
export async function look({ dir, branch, commonDir }: Place): Promise<{ gitDir: string; tip: string } | null> {
  if (!existsSync(dir)) return null;
  const folders = ['--path-format=absolute', '--show-toplevel', '--git-dir', '--git-common-dir'];
  const answer = await git(dir, ['rev-parse', ...folders, 'HEAD', '--symbolic-full-name', 'HEAD']);
  const [top, gitDir, common, tip, head] = answer.out.split('\n');
  // In a folder that is no worktree git answers for the repository around it: the user's own.
  if (!answer.ok || realpathSync(top) !== realpathSync(dir)) return null;
  const own = head === `refs/heads/${branch}` && realpathSync(common) === realpathSync(commonDir);
  return own ? { gitDir, tip } : null;
}

async function restoreBranch({ branch, commonDir }: Place, projectDir: string, tip: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const now = await commitAt(projectDir, ref);
  if (now === tip) return;
  const known = await git(projectDir, ['cat-file', '-e', `${tip}^{commit}`]);
  if (!known.ok)
    throw new RalphError(
      `${branch} does not end with commit ${tip.slice(0, 10)}, and the repository no longer has that commit`,
      {
        remedy: 'Restore the repository from a backup, or start under a new --tag.',
      },
    );
  const kept = `refs/ralph/${branch.replaceAll('/', '-')}-${now?.slice(0, 10)}`;
  if (now !== null) await must(projectDir, ['update-ref', kept, now]);
  const broken = now === null && removeBroken(join(commonDir, ref));
  const put = await git(projectDir, ['update-ref', ref, tip]);
  if (!put.ok)
    throw new RalphError(`${branch} cannot be put back to ${tip.slice(0, 10)}: ${firstLine(put.err)}`, {
      remedy: `Rename the branch that is in its way (git branch -m OLD NEW), or see who may write in ${commonDir}; then start again.`,
    });
  const gone = broken ? 'could not be read' : 'was deleted';
  const moved = now === null ? gone : `was moved to ${now.slice(0, 10)} (kept as ${kept})`;
  say(`${branch} ${moved}: it is put back to the last cycle's commit ${tip.slice(0, 10)}`);
}

/** A power cut can leave the file of a branch without its content: git neither reads nor replaces it. Answers whether it was so. */
function removeBroken(path: string): boolean {
  const text = attempt(() => readFileSync(path, 'utf8'));
  const broken = text !== undefined && !/^[0-9a-f]{40}/.test(text);
  if (broken) rmSync(path);
  return broken;
}

/** What lies in the place of the worktree is moved aside, never deleted. */
async function renew({ dir, branch }: Place, projectDir: string): Promise<void> {
  if (existsSync(dir)) {
    const aside = freeName(dir);
    renameSync(dir, aside);
    say(`${dir} was no worktree on ${branch}: it was moved to ${aside}`);
  }
  await addWorktree(projectDir, dir, branch);
  say(`the worktree ${dir} is made anew`);
}

/** `--force` only overrides the entry that a deleted folder left behind; nothing of the user's is pruned. */
export async function addWorktree(projectDir: string, dir: string, branch: string): Promise<void> {
  await must(projectDir, ['worktree', 'add', '--force', '--quiet', dir, branch]);
}
