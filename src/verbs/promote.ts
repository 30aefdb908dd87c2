import { join } from 'node:path';
import { EXIT, RalphError, UsageError } from '../base/errors.ts';
import { configFolder, PROJECT_DIR } from '../base/roots.ts';
import { print, printJson } from '../base/terminal.ts';
import type { HoldoutAnswer } from '../gates/holdout.ts';
import { runFolder } from '../journal/folder.ts';
import { openJournal } from '../journal/journal.ts';
import { lockRun } from '../journal/lock.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { promoteTrial } from '../task/trading/promote.ts';
import { promoteProject } from './promote/project.ts';
import type { Handler } from './table/table.ts';

/** Opens the holdout for one kept trial: once, within the ration, journaled before the look. It can only veto. */
export const promote: Handler<'promote'> = async ({ tag, json }, [trial]) => {
  // A project that was set up has its ralph.yaml beside its runs.
  if (configFolder(PROJECT_DIR) === PROJECT_DIR)
    return promoteProject(runFolder(join(PROJECT_DIR, 'runs'), tag), trial, json);
  if (trial === undefined)
    throw new UsageError('TRIAL is missing', {
      remedy: 'Name the kept trial whose holdout is to be opened: npm run ralph -- promote 0042-1',
    });
  const answer = await openHoldout(runFolder(join(PROJECT_DIR, 'runs'), tag), trial);
  if (json) printJson(answer);
  else print(answer.message);
  return answer.answer === 'rejected' ? EXIT.failed : EXIT.done;
};

/** The same for another caller. Throws RalphError while a harness is at work in the run folder. */
export async function openHoldout(runDir: string, trial: string): Promise<HoldoutAnswer> {
  const lock = lockRun(runDir);
  const journal = openJournal(join(runDir, 'journal.jsonl'));
  try {
    const [first] = journal.events;
    if (first?.type === 'run.started' && first.task === 'project')
      throw new RalphError('a project has no holdout: its keeps are promoted all together', {
        remedy: 'On the command line: ralph promote',
      });
    const configDir = configFolderOf(journal.events, PROJECT_DIR);
    return await promoteTrial({ projectDir: PROJECT_DIR, configDir, runDir, journal, trial });
  } finally {
    journal.close();
    await lock.release();
  }
}
