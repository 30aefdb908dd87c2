import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { CYCLE_TRAILER, type CycleCommit, commitsOf, keepOrigin, type Origin, originOf } from './branch.ts';
import { commitAt, firstLine, git, identityArgs, must } from './command.ts';
import { commitBehind } from './commit.ts';
import { addWorktree, guard } from './guard.ts';

/** A git worktree of a run: branch `autoresearch/<tag>`, one commit a cycle, apart from everything the user has. */
export type Worktree = Awaited<ReturnType<typeof openWorktree>>;

interface WorktreeOptions {
  readonly projectDir: string;
  readonly runDir: string;
  readonly tag: string;
  /** The newest commit that the journal names, to which a moved or deleted branch is put back. */
  readonly last?: string;
}

/** Commits that a start reads: cycles without a journaled commit are among the newest. */
const RECENT = 50;

/**
 * Makes or finds the worktree of a run: in a dirty checkout or shallow clone, without a user name, with hooks or signing configured. Where the
 * project's repository cannot be used, the run gets one of its own, and `note` says why. Throws RalphError for a folder of another tag.
 */
export async function openWorktree(options: WorktreeOptions) {
  const dir = resolve(options.runDir, 'worktree');
  const branch = `autoresearch/${options.tag}`;
  if (dir.includes('\n'))
    throw new RalphError(`git cannot name a folder with a line break in its path: ${JSON.stringify(dir)}`, {
      remedy: 'Give that folder another name.',
    });
  mkdirSync(options.runDir, { recursive: true });
  // Keeps the run folder out of the user's `git status`, whatever their .gitignore says.
  if (!existsSync(join(options.runDir, '.gitignore'))) writeFileSync(join(options.runDir, '.gitignore'), '*\n');
  const origin = originOf(options.runDir) ?? (await created(options, dir, branch));
  if (origin.branch !== branch)
    throw new RalphError(`${options.runDir} holds the run of the branch ${origin.branch}, not of ${branch}`, {
      remedy: 'Give the folder its name back, or start the run in a folder of its own.',
    });
  const projectDir = origin.note === null ? options.projectDir : null;
  const repository = projectDir ?? dir;
  const last = options.last ?? origin.base;
  const [identity, recent, commonDir] = await Promise.all([
    identityArgs(repository),
    commitsOf(repository, origin, last, RECENT),
    must(repository, ['rev-parse', '--path-format=absolute', '--git-common-dir']),
  ]);
  const place = { dir, branch, projectDir, commonDir };
  await removeStaleLock(join(commonDir, 'refs', 'heads', `${branch}.lock`));
  let known = recent;
  // Whether older commits may be there.
  let cut = known.size >= RECENT;
  let unsure = false;
  let tip = [...known.values()].at(-1)?.commit ?? last;
  const gitDir = await guard(place, tip);
  for (const name of ['index.lock', 'HEAD.lock']) await removeStaleLock(join(gitDir, name));
  return {
    dir,
    branch,
    /** The newest cycles' commits that were on the branch at the start, in order. */
    commits: new Map(known) as ReadonlyMap<number, CycleCommit>,
    /** All of them: takes long on a long branch. */
    allCommits: (): Promise<ReadonlyMap<number, CycleCommit>> => commitsOf(repository, origin, last),
    /** Why the run has a repository of its own instead of a branch in the project's; null when it has a branch there. */
    note: origin.note,
    /** Writes the files (paths within the worktree) and commits them; the commit's hash. */
    commit: async (files: Readonly<Record<string, string>>, message: string): Promise<string> => {
      const target = { dir, branch, identity };
      try {
        tip = await commitBehind(place, target, tip, files, message);
      } catch (error) {
        // A git that was killed may have committed before it died.
        unsure = true;
        throw error;
      }
      // The last one is the trailer; the words of a model come before it.
      const cycle = [...message.matchAll(new RegExp(`^${CYCLE_TRAILER}: (\\d+)$`, 'gm'))].at(-1)?.[1];
      const made = { commit: tip, head: null, spent: { trials: 0, looks: 0 }, said: null };
      if (cycle && !known.has(Number(cycle))) known.set(Number(cycle), made);
      return tip;
    },
    /** The commit of a cycle, found by its trailer among the commits of this run; null when there is none. */
    find: async (cycle: number): Promise<string | null> => {
      const [oldest] = known.keys();
      if (unsure || (cut && cycle < oldest)) {
        known = await commitsOf(repository, origin, tip);
        tip = [...known.values()].at(-1)?.commit ?? origin.base;
        [unsure, cut] = [false, false];
      }
      return known.get(cycle)?.commit ?? null;
    },
  };
}

async function created(options: WorktreeOptions, dir: string, branch: string): Promise<Origin> {
  let origin: Origin;
  try {
    origin = { branch, base: await branchInProject(options.projectDir, dir, branch), note: null };
  } catch (error) {
    const note = messageOf(error);
    origin = { branch, base: await ownRepository(dir, branch), note };
  }
  failpoint('journal.worktree.before');
  keepOrigin(options.runDir, origin);
  failpoint('journal.worktree.after');
  return origin;
}

async function branchInProject(projectDir: string, dir: string, branch: string): Promise<string> {
  const inside = await git(projectDir, ['rev-parse', '--is-inside-work-tree']);
  if (!inside.ok || inside.out !== 'true') throw new Error(firstLine(inside.err) || 'the project is no git checkout');
  const elsewhere = await checkedOutIn(projectDir, branch);
  if (elsewhere && elsewhere !== dir) throw new Error(`${branch} belongs to the run in ${dirname(elsewhere)}`);
  let base = await commitAt(projectDir, `refs/heads/${branch}`);
  if (base === null) {
    base = (await commitAt(projectDir, 'HEAD^{commit}')) ?? (await emptyCommit(projectDir));
    await must(projectDir, ['branch', '--no-track', branch, base]);
  }
  failpoint('journal.branch.before');
  rmSync(dir, { recursive: true, force: true });
  await addWorktree(projectDir, dir, branch);
  failpoint('journal.branch.after');
  return base;
}

/** The worktree that stands on a branch; null where none does, or its folder is gone. */
async function checkedOutIn(projectDir: string, branch: string): Promise<string | null> {
  const list = await must(projectDir, ['worktree', 'list', '--porcelain']);
  const block = list.split('\n\n').find((each) => each.split('\n').includes(`branch refs/heads/${branch}`));
  const path = /^worktree (.*)$/m.exec(block ?? '')?.[1];
  return path && existsSync(path) ? path : null;
}

async function ownRepository(dir: string, branch: string): Promise<string> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  await must(dir, ['init', '--quiet', '--template=']);
  const base = await emptyCommit(dir);
  await must(dir, ['update-ref', `refs/heads/${branch}`, base]);
  await must(dir, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  return base;
}

/** A root commit with nothing in it, for a repository that has no commit yet. */
async function emptyCommit(dir: string): Promise<string> {
  const tree = await must(dir, ['hash-object', '-t', 'tree', '-w', '--stdin']);
  return must(dir, [...(await identityArgs(dir)), 'commit-tree', tree, '-m', 'start of a research run']);
}

/** A git that was killed leaves its lock; worktree and branch are ours alone, so an old one is stale once git has had time to end. */
async function removeStaleLock(path: string): Promise<void> {
  for (let waited = 0; waited < 2000 && existsSync(path); waited += 100) await sleep(100);
  if (existsSync(path)) rmSync(path, { force: true });
}
