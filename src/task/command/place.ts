import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import { git } from '../../journal/git/command.ts';
import type { Place } from './run/bench.ts';

/** The repository around a project. Throws RalphError where there is none, or it has no commit. */
export async function placeOf(projectDir: string): Promise<Place> {
  const root =
    existsSync(join(projectDir, 'ralph.yaml')) && basename(projectDir) === 'ralph' ? dirname(projectDir) : projectDir;
  const top = await git(root, ['rev-parse', '--show-toplevel']);
  const head = top.ok ? await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']) : top;
  if (!head.ok)
    throw new RalphError(`${root} is no git repository with a commit`, {
      remedy: 'Make one: git init && git add -A && git commit -m start',
      exitCode: EXIT.usage,
    });
  const below = relative(top.out, root).split(sep).join('/');
  return { repository: top.out, prefix: below === '' ? '' : `${below}/` };
}
