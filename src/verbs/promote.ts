import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { openJournal, readJournal } from '../journal/journal.ts';
import { lockRun } from '../journal/lock.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { promoteTrial } from '../task/trading/promote.ts';
import { usageOf } from './help.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** Opens the holdout for one kept trial: once, within the ration, journaled before the look. It can only veto. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { tag: { type: 'string', default: 'main' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length !== 1) {
    throw new RalphError('promote takes one trial', { remedy: `Usage: ${usageOf('promote')}`, exitCode: EXIT.usage });
  }
  const runDir = runFolder(join(PROJECT, 'runs'), values.tag);
  const lock = await lockRun(runDir);
  const journal = openJournal(join(runDir, 'journal.jsonl'));
  try {
    const configDir = configFolderOf(journal.events, PROJECT);
    const answer = await promoteTrial({
      projectDir: PROJECT,
      configDir,
      runDir,
      journal,
      others: otherRuns(values.tag),
      trial: positionals[0] ?? '',
    });
    if (values.json) printJson(answer);
    else print(answer.message);
    return answer.answer === 'rejected' ? EXIT.failed : EXIT.done;
  } finally {
    journal.close();
    await lock.release();
  }
}

/** Journals of the other runs: the holdout's ration is shared by all that used the same data. */
function otherRuns(tag: string): (readonly RunEvent[])[] {
  const folders = readdirSync(join(PROJECT, 'runs')).filter((name) => name !== tag);
  return folders
    .map((name) => readJournal(join(PROJECT, 'runs', name, 'journal.jsonl')))
    .filter(({ length }) => length > 0);
}
