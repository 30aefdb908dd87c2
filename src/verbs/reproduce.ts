import { basename, join } from 'node:path';
import { EXIT, RalphError } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { readRalphConfig } from '../loop/config.ts';
import { reproduceTrial } from '../loop/reproduce.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { configPath } from '../task/config-path.ts';
import { openTask } from '../task/open.ts';
import type { Handler } from './table/table.ts';

/** Evaluates a stored trial again: the same fingerprint and verdict, or the parts of the provenance key that differ. */
export const reproduce: Handler<'reproduce'> = async ({ tag: asked, config: folder, json }, [trial]) => {
  const runDir = runFolder(join(PROJECT_DIR, 'runs'), asked);
  const tag = basename(runDir);
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const configDir = folder ?? configFolderOf(events, PROJECT_DIR);
  const config = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const task = await openTask({
    projectDir: PROJECT_DIR,
    configDir,
    config: config.task,
    promptTokens: config.session.promptTokens,
    tag,
    runDir,
  });
  try {
    const found = await reproduceTrial(runDir, events, trial, task);
    if (!found) {
      throw new RalphError(`run ${tag} has no finished trial "${trial}"`, {
        remedy: `List them with: npm run ralph -- results --tag ${tag}`,
        exitCode: EXIT.usage,
      });
    }
    if (json) printJson(found);
    else {
      print(`${found.trial}: ${found.same ? 'the same' : 'DIFFERENT'}`);
      for (const [name, { outcome, fingerprint, failed }] of [
        ['stored', found.stored],
        ['again', found.again],
      ] as const) {
        print(`  ${name.padEnd(6)} ${outcome} ${fingerprint ?? 'no equity curve'} ${failed.join(' ')}`);
      }
      print(
        found.changed.length > 0 ? `  since then changed: ${found.changed.join(', ')}` : '  provenance key unchanged',
      );
    }
    return found.same ? EXIT.done : EXIT.failed;
  } finally {
    await task.close();
  }
};
