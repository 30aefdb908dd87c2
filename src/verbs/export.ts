import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { print, printJson } from '../base/draw/terminal.ts';
import { RalphError, UsageError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { isoDay } from '../base/numbers.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../base/roots.ts';
import type { RunEvent } from '../journal/events.ts';
import { journalFiles } from '../journal/folder.ts';
import { type Objects, openObjects, textsOf } from '../journal/objects.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { coverageAt, provenanceAt } from '../journal/provenance.ts';
import type { Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { reproduceTrial } from '../loop/reproduce.ts';
import { configPath } from '../task/config-path.ts';
import { type TrainPlay, trainResult } from '../task/trading/trial/train-result.ts';
import { csv, csvOf, returnsOf, tradesOf } from './backtest/series.ts';
import { withTask } from './reproduce.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

const CONFIGS = ['ralph.yaml', 'market.yaml', 'windows.yaml', 'gates.yaml'];

/**
 * Writes one trial into a folder of its own with everything that somebody else needs to check it but the bars: `reproduce --from` reads it
 * in any checkout. The trial is evaluated once more before anything is written, and refused when it comes out otherwise.
 */
export const exportTrial: Handler<'export'> = async ({ tag, config, json }, [name, folder]) => {
  const { dir: runDir, events } = readRun(tag);
  const into = emptyFolder(folder);
  const trial = finishedTrial(events, name);
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const read = new Map<string, Buffer>();
  const objects = noted(openObjects(runDir), read);
  await refuseOther(trial, { runDir, configDir, events, objects });
  const files = textsOf(objects, trial.started.files);
  const played = await trainResult({ projectDir: PROJECT_DIR, configDir, runDir }, trial);
  for (const name of [trial.returnsSha256, trial.finished?.tuned?.report]) if (name) objects.get(name);
  for (const file of CONFIGS) cpSync(configPath(PROJECT_DIR, configDir, file), join(into, 'config', file));
  for (const [file, text] of Object.entries(files)) writeFileAtomic(join(into, 'candidate', file), text);
  for (const [hash, content] of read) writeFileAtomic(join(into, 'run/objects', hash), content);
  for (const file of journalFiles(runDir)) cpSync(join(runDir, file), join(into, 'run', file));
  cpSync(join(PACKAGE_ROOT, 'LICENSE'), join(into, 'LICENSE'));
  for (const [file, text] of Object.entries(exportedTexts(events, trial, played)))
    writeFileAtomic(join(into, file), text);
  if (json) printJson({ trial: name, folder: into, files: readdirSync(into, { recursive: true }).map(String).sort() });
  else print(`${name} is in ${into}: reproduced, with its journal and everything that it was judged with but the bars`);
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
  const found = await withTask(runDir, configDir, (task) => reproduceTrial(runDir, events, trial, task, objects));
  if (found?.same) return;
  throw new RalphError(`${trial} is not what it was: ${found?.stored.outcome} then, ${found?.again.outcome} now`, {
    remedy:
      found && found.changed.length > 0
        ? `Changed since then: ${found.changed.join(', ')}. Go back to that version or those files, and export again.`
        : `See the difference with: npm run ralph -- reproduce ${trial}`,
  });
}

/** The files of an export that are written for people and their tools, by name. */
function exportedTexts(
  events: readonly RunEvent[],
  trial: Trial,
  { result, symbols }: Pick<TrainPlay, 'result' | 'symbols'>,
): Readonly<Record<string, string>> {
  const about = aboutTrial(events, trial);
  return {
    'trial.json': `${JSON.stringify(about, null, 2)}\n`,
    'gates.csv': gatesCsv(trial, about.holdout !== null),
    'trades.csv': csvOf(tradesOf(result, symbols)),
    'daily-returns.csv': csvOf(returnsOf(result, trial.candidate)),
    'README.md': readmeOf(about),
  };
}

type About = ReturnType<typeof aboutTrial>;

function aboutTrial(events: readonly RunEvent[], trial: Trial) {
  const { started, finished } = trial;
  const holdout = events.findLast((event) => event.type === 'holdout.answered' && event.trial === trial.trial);
  return {
    trial: trial.trial,
    candidate: trial.candidate,
    family: trial.family,
    hypothesis: trial.hypothesis,
    outcome: finished?.outcome ?? null,
    params: started.params,
    ...(finished?.tuned && { tuned: { path: finished.tuned.path, final: finished.tuned.final } }),
    score: finished?.score ?? null,
    equityFingerprint: finished?.equityFingerprint ?? null,
    metrics: finished?.metrics ?? {},
    n: started.n,
    provenance: provenanceAt(events, started.seq),
    windows: windowsAt(events, started.seq),
    holdout: holdout?.type === 'holdout.answered' ? { answer: holdout.answer, sharpe: holdout.sharpe } : null,
  };
}

/** Numbers of the held-back folds stay hidden until the holdout has been opened, as everywhere. */
function gatesCsv({ finished }: Trial, opened: boolean): string {
  const rows = (finished?.gates ?? []).map(({ gate, stage, passed, value, threshold, side, message }) => {
    const hidden = stage === 'selection' && !opened;
    return [gate, passed, hidden ? '' : value, hidden ? '' : threshold, side, hidden ? '' : message];
  });
  return csv(['gate', 'passed', 'value', 'threshold', 'side', 'message'], rows);
}

function windowsAt(events: readonly RunEvent[], seq: number) {
  const coverage = coverageAt(events, seq);
  return coverage.map(({ symbol, window, from, to, bars }) => {
    return { symbol, window, from: isoDay(from), to: isoDay(to), bars };
  });
}

/** What stands in an export beside its numbers. */
function readmeOf({ trial, candidate, hypothesis, outcome, n, equityFingerprint, windows }: About): string {
  const rows = windows.map((each) => `| ${each.symbol} | ${each.window} | ${each.from} | ${each.to} | ${each.bars} |`);
  return `# ${candidate}

Trial ${trial}: **${outcome ?? 'unfinished'}**, after ${n} trials on these data. ${hypothesis}

| symbol | window | from | to (excluded) | bars |
|---|---|---|---|---|
${rows.join('\n')}

| file | what |
|---|---|
| \`candidate/\` | the strategy and its YAML, as they were judged |
| \`trial.json\` | parameters, metrics, windows, the versions of engine, data, gates and costs |
| \`gates.csv\` | every gate with its value and threshold; those of held-back folds are empty until the holdout has been opened |
| \`trades.csv\`, \`daily-returns.csv\` | the train window at normal costs; QuantStats and pandas read the second |
| \`config/\` | gates, windows, costs and settings of the run |
| \`run/\` | the run's journal, and the objects that judging this trial reads |
| \`LICENSE\` | the licence of Ralph |

## How to check it

The bars are not here. In a checkout of Ralph with the same bars in its database (\`npm run ralph -- data ingest FILES\`; the table above says which days):

    npm run ralph -- reproduce --from FOLDER

\`FOLDER\` is this folder. It evaluates the candidate again, with the N and the rivals that it had, and exits with 0 when the verdict and the equity curve are
the same, byte for byte${equityFingerprint === null ? '' : ` (fingerprint \`${equityFingerprint}\`)`}. Otherwise it names what differs: \`engine\` is another
version of Ralph, \`data\` other bars.
`;
}
