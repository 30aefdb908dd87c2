import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { namesIn } from '../base/files.ts';
import { nearest } from '../base/nearest.ts';

/** The folder of the tag's run, without a tag of the run written last. Throws RalphError (exit 2) with the tags there are. */
export function runFolder(runsDir: string, tag: string | undefined): string {
  const tags = tagsIn(runsDir);
  const chosen = tag ?? tags[0];
  if (chosen !== undefined && tags.includes(chosen)) return join(runsDir, chosen);
  if (chosen === undefined)
    throw new UsageError(`there is no run in ${runsDir} yet`, {
      expected: 'a run',
      remedy: 'Start one with: npm run ralph -- run, or see the demo: npm run ralph -- demo',
    });
  const near = nearest(chosen, tags);
  throw new UsageError(`there is no run "${chosen}"${near ? `; did you mean "${near}"?` : ''}`, {
    expected: tags.length > 0 ? `one of ${tags.join(', ')}` : 'the tag of a run',
    remedy: tags.length > 0 ? `Name one of: ${tags.join(', ')}.` : 'Start one with: npm run ralph -- run',
  });
}

/** Tags of the runs in a folder, the one written last first. */
function tagsIn(runsDir: string): string[] {
  const runs = namesIn(runsDir).flatMap((tag) => {
    // A run that lost its journal still has the file that names its branch.
    const file = ['journal.jsonl', 'worktree.json'].map((name) => join(runsDir, tag, name)).find(existsSync);
    return file ? [{ tag, at: statSync(file).mtimeMs }] : [];
  });
  return runs.sort((a, b) => b.at - a.at).map(({ tag }) => tag);
}

/** Names of the files that a journal consists of: the live one, its sealed parts, and their indexes. */
export function journalFiles(runDir: string): string[] {
  return namesIn(runDir).filter((name) => /^journal\.(jsonl|\d+\.jsonl\.gz|\d+\.index\.json)$/.test(name));
}
