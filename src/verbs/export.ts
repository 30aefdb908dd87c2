import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EXIT, RalphError, UsageError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../base/roots.ts';
import { print, printJson } from '../base/terminal.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { type Objects, openObjects, textsOf } from '../journal/objects.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import type { Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRalphConfig } from '../loop/config.ts';
import { reproduceTrial } from '../loop/reproduce.ts';
import { configPath } from '../task/config-path.ts';
import { openTask } from '../task/open.ts';
import { trainResult } from '../task/trading/train-result.ts';
import { exportedTexts } from './export/texts.ts';
import type { Handler } from './table/table.ts';

const CONFIGS = ['ralph.yaml', 'market.yaml', 'windows.yaml', 'gates.yaml'];

/**
 * Writes one trial into a folder of its own with everything that somebody else needs to check it but the bars: `reproduce --from` reads it
 * in any checkout. The trial is evaluated once more before anything is written, and refused when it comes out otherwise.
 */
export const exportTrial: Handler<'export'> = async ({ tag, config, json }, [name, folder]) => {
  const runDir = runFolder(join(PROJECT_DIR, 'runs'), tag);
  const into = emptyFolder(folder);
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const trial = finishedTrial(events, name);
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const read = new Map<string, Buffer>();
  const objects = noted(openObjects(runDir), read);
  await refuseOther(trial, { runDir, configDir, events, objects });
  const files = textsOf(objects, trial.started.files);
  const played = await trainResult({
    ...{ projectDir: PROJECT_DIR, configDir, runDir, tag: basename(runDir) },
    ...{ trial, files },
  });
  for (const name of [trial.returnsSha256, trial.finished?.tuned?.report]) if (name) objects.get(name);
  for (const file of CONFIGS) cpSync(configPath(PROJECT_DIR, configDir, file), join(into, 'config', file));
  for (const [file, text] of Object.entries(files)) writeFileAtomic(join(into, 'candidate', file), text);
  for (const [hash, content] of read) writeFileAtomic(join(into, 'run/objects', hash), content);
  cpSync(join(runDir, 'journal.jsonl'), join(into, 'run/journal.jsonl'));
  cpSync(join(PACKAGE_ROOT, 'LICENSE'), join(into, 'LICENSE'));
  for (const [file, text] of Object.entries(exportedTexts(events, trial, played)))
    writeFileAtomic(join(into, file), text);
  if (json) printJson({ trial: name, folder: into, files: readdirSync(into, { recursive: true }).map(String).sort() });
  else print(`${name} is in ${into}: reproduced, with its journal and everything that it was judged with but the bars`);
  return EXIT.done;
};

function emptyFolder(path: string): string {
  const folder = resolve(path);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`${folder} is not empty`, {
      remedy: 'Name a folder that does not exist yet.',
      expected: 'a new or an empty folder',
    });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function finishedTrial(events: readonly RunEvent[], name: string): Trial {
  const trial = stateOf(events).byTrial.get(name);
  if (trial?.finished) return trial;
  throw new UsageError(`the run has no finished trial "${name}"`, {
    remedy: 'List them with: npm run ralph -- results',
  });
}

/** Hands out objects and remembers them: what an evaluation read is what the next one needs. */
function noted(objects: Objects, read: Map<string, Buffer>): Pick<Objects, 'get'> {
  return {
    get(name) {
      const content = objects.get(name);
      read.set(name, content);
      return content;
    },
  };
}

async function refuseOther(
  { trial }: Trial,
  run: { runDir: string; configDir: string; events: readonly RunEvent[]; objects: Pick<Objects, 'get'> },
): Promise<void> {
  const { runDir, configDir, events, objects } = run;
  const config = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const { task: kind, session } = config;
  const options = { projectDir: PROJECT_DIR, configDir, promptTokens: session.promptTokens, runDir };
  const task = await openTask({ ...options, config: kind, tag: basename(runDir) });
  try {
    const found = await reproduceTrial(runDir, events, trial, task, objects);
    if (found?.same) return;
    throw new RalphError(`${trial} is not what it was: ${found?.stored.outcome} then, ${found?.again.outcome} now`, {
      remedy:
        found && found.changed.length > 0
          ? `Changed since then: ${found.changed.join(', ')}. Go back to that version or those files, and export again.`
          : `See the difference with: npm run ralph -- reproduce ${trial}`,
    });
  } finally {
    await task.close();
  }
}
