import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { readRalphConfig } from '../loop/config.ts';
import { reproduceTrial } from '../loop/reproduce.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { configPath } from '../task/config-path.ts';
import { openTask } from '../task/open.ts';

/** Evaluates a stored trial again: the same fingerprint and verdict, or the parts of the provenance key that differ. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tag: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const projectDir = join(import.meta.dirname, '../..');
  const runDir = runFolder(join(projectDir, 'runs'), values.tag);
  const tag = basename(runDir);
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const trial = positionals[0] ?? '';
  const configDir = values.config ?? configFolderOf(events, projectDir);
  const config = readRalphConfig(configPath(projectDir, configDir, 'ralph.yaml'), process.env);
  const task = await openTask({
    projectDir,
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
    if (values.json) printJson(found);
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
}
