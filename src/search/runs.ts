import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RalphError } from '../base/errors.ts';

/** Path of the journal of a tag, or of the run written to last when no tag is given. Throws RalphError when there is none. */
export function journalOf(runsDir: string, tag: string | undefined): string {
  const newest = (existsSync(runsDir) ? readdirSync(runsDir) : [])
    .filter((name) => tag === undefined || name === tag)
    .map((name) => join(runsDir, name, 'journal.jsonl'))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest !== undefined) return newest;
  throw new RalphError(tag === undefined ? `no run in ${runsDir}` : `no run "${tag}" in ${runsDir}`, {
    remedy: 'Start one with: npm run demo',
    exitCode: EXIT.usage,
  });
}
