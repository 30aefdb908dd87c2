import { basename, join } from 'node:path';
import { EXIT, type ExitCode, UsageError } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { print, printJson } from '../base/terminal.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { earlierKeeps } from '../journal/provenance.ts';
import { readRalphConfig } from '../loop/config.ts';
import { type Reproduction, reproduceTrial } from '../loop/reproduce.ts';
import { configPath } from '../task/config-path.ts';
import { openTask } from '../task/open.ts';
import { exportedTrial } from './export/exported.ts';
import type { Handler } from './table/table.ts';

/** Evaluates a stored trial again: the same fingerprint and verdict, or the parts of the provenance key that differ. */
export const reproduce: Handler<'reproduce'> = async ({ tag: asked, from, config: named, again, json }, [word]) => {
  const exported = from === undefined ? null : exportedTrial(from);
  const runDir = exported?.runDir ?? runFolder(join(PROJECT_DIR, 'runs'), asked);
  const tag = basename(runDir);
  const folder = named ?? exported?.configDir;
  const trial = word ?? (again ? undefined : exported?.trial);
  if ((trial === undefined) !== again)
    throw new UsageError(`expected ${again ? 'no TRIAL beside --again' : 'a TRIAL, or --again'}`, {
      remedy: `List the trials with: npm run ralph -- results --tag ${tag}`,
    });
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
    if (again) return await judgeAgain(runDir, events, task, json);
    const found = await reproduceTrial(runDir, events, trial, task);
    if (!found) {
      throw new UsageError(`run ${tag} has no finished trial "${trial}"`, {
        remedy: `List them with: npm run ralph -- results --tag ${tag}`,
      });
    }
    if (json) printJson(found);
    else show(found);
    return found.same ? EXIT.done : EXIT.failed;
  } finally {
    await task.close();
  }
};

/** Every keep of an earlier version, judged by what holds now. Exit 1 when one would not be kept any more. */
async function judgeAgain(
  runDir: string,
  events: readonly RunEvent[],
  task: Awaited<ReturnType<typeof openTask>>,
  json: boolean,
): Promise<ExitCode> {
  const found: Reproduction[] = [];
  for (const { row } of earlierKeeps(events, await task.provenance())) {
    const judged = (await reproduceTrial(runDir, events, row.trial, task))!;
    found.push(judged);
    if (!json) show(judged);
  }
  const lost = found.filter(({ again }) => again.outcome !== 'keep').length;
  if (json) printJson(found);
  else print(`${found.length} keeps of an earlier version: ${found.length - lost} are kept today, ${lost} are not`);
  return lost === 0 ? EXIT.done : EXIT.failed;
}

function show({ trial, same, stored, again, changed }: Reproduction): void {
  print(`${trial}: ${same ? 'the same' : 'DIFFERENT'}`);
  for (const [name, { outcome, fingerprint, failed }] of Object.entries({ stored, again }))
    print(`  ${name.padEnd(6)} ${outcome} ${fingerprint ?? 'no equity curve'} ${failed.join(' ')}`);
  print(changed.length > 0 ? `  since then changed: ${changed.join(', ')}` : '  provenance key unchanged');
}
