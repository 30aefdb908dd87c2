import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { closing } from '../base/closing.ts';
import { print, printJson } from '../base/draw/terminal.ts';
import { EXIT, type ExitCode, messageOf, type RalphError, UsageError } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { earlierKeeps } from '../journal/provenance.ts';
import { readRalphConfig } from '../loop/config.ts';
import { type Reproduction, reproduceTrial } from '../loop/reproduce.ts';
import { readMarketConfig } from '../market/config.ts';
import { configPath } from '../task/config-path.ts';
import { openTask } from '../task/open.ts';
import type { Task } from '../task/task.ts';
import { eventsIn, RUNS } from './run.ts';
import type { Handler } from './table/table.ts';

/** Evaluates a stored trial again: the same fingerprint and verdict, or the parts of the provenance key that differ. */
export const reproduce: Handler<'reproduce'> = async ({ tag: asked, from, config: named, again, json }, [word]) => {
  const exported = from === undefined ? null : exportedTrial(from);
  const runDir = exported?.runDir ?? runFolder(RUNS, asked);
  const tag = basename(runDir);
  const folder = named ?? exported?.configDir;
  const trial = word ?? (again ? undefined : exported?.trial);
  if ((trial === undefined) !== again)
    throw new UsageError(`expected ${again ? 'no TRIAL beside --again' : 'a TRIAL, or --again'}`, {
      remedy: `List the trials with: npm run ralph -- results --tag ${tag}`,
    });
  const events = eventsIn(runDir);
  const configDir = folder ?? configFolderOf(events, PROJECT_DIR);
  return withTask(runDir, configDir, async (task) => {
    if (again) return await judgeAgain(runDir, events, task, json);
    const found = await reproduceTrial(runDir, events, trial, task);
    if (!found)
      throw new UsageError(`run ${tag} has no finished trial "${trial}"`, {
        remedy: `List them with: npm run ralph -- results --tag ${tag}`,
      });
    if (json) printJson(found);
    else show(found);
    return found.same ? EXIT.done : EXIT.failed;
  });
};

/** Opens the task of a run, hands it to `work` and closes it whatever happens. */
export async function withTask<T>(runDir: string, configDir: string, work: (task: Task) => Promise<T>): Promise<T> {
  const { task: config, session } = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const { promptTokens } = session;
  await using task = closing(await openTask({ projectDir: PROJECT_DIR, configDir, config, promptTokens, runDir }));
  return await work(task);
}

/** Every keep of an earlier version, judged by what holds now. Exit 1 when one would not be kept any more. */
async function judgeAgain(runDir: string, events: readonly RunEvent[], task: Task, json: boolean): Promise<ExitCode> {
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

/**
 * What `export` wrote, from whomever it comes. Throws RalphError for another folder, and for settings that would start a program or write
 * outside of this project: the folder is a stranger's.
 */
function exportedTrial(folder: string): { runDir: string; configDir: string; trial: string } {
  const dir = resolve(folder);
  const configDir = join(dir, 'config');
  const trial = trialOf(dir);
  const { task } = readRalphConfig(join(configDir, 'ralph.yaml'), {});
  if (typeof task !== 'string') throw untrusted(`${configDir}/ralph.yaml starts a program of its own (task)`);
  const { dataDir } = readMarketConfig(join(configDir, 'market.yaml'));
  const below = relative(PROJECT_DIR, resolve(PROJECT_DIR, dataDir));
  if (below.startsWith('..') || isAbsolute(below))
    throw untrusted(`dataDir in ${configDir}/market.yaml lies outside of this project: ${dataDir}`);
  return { runDir: join(dir, 'run'), configDir, trial };
}

function trialOf(dir: string): string {
  try {
    return String(JSON.parse(readFileSync(join(dir, 'trial.json'), 'utf8')).trial);
  } catch (cause) {
    throw new UsageError(`${dir} holds no exported trial: ${messageOf(cause)}`, {
      remedy: 'Name the folder that npm run ralph -- export TRIAL DIR wrote.',
      expected: 'a folder with trial.json, run/ and config/',
      cause,
    });
  }
}

function untrusted(message: string): RalphError {
  return new UsageError(message, {
    remedy: 'Look through that folder, and name settings of your own with --config DIR.',
  });
}
