import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { print, printJson, progress, say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import { readGatesConfig } from '../../gates/config.ts';
import type { Handler } from '../../verbs/table/table.ts';
import { type CodeStages, playCodeStages } from './code-stages.ts';
import { drawPower } from './draw.ts';
import { adversaryExperiment, defenceExperiments, type Experiment, experiments } from './experiments.ts';
import { calibrateForward, forwardText } from './forward.ts';
import { pooled, reportOf, type Summary, summarise } from './report.ts';
import { runExperiments } from './run.ts';
import { readSpaces } from './search/spaces.ts';
import { tune } from './tune.ts';
import type { SearchAnswer } from './worker.ts';

/** Leaves room to finish what is under way, half a minute at most, within five minutes. */
const QUICK_SECONDS = 190;

/**
 * How often searches without an edge keep something, and how often searches with one do, under config/gates.yaml as it stands. Answers
 * are kept in `out`, so that an interrupted run goes on where it was; `quick` starts afresh and keeps nothing.
 */
export const calibrate: Handler<'calibrate'> = async ({
  quick,
  tune: tuning,
  report: drawing,
  only,
  adversary,
  defences,
  searches,
  workers,
  real,
  out,
  json,
}) => {
  const paths = {
    libraryDir: join(PACKAGE_ROOT, 'strategies/library'),
    configDir: join(PACKAGE_ROOT, 'config'),
    real: globSync(real).length > 0 ? real : null,
  };
  if (tuning) {
    print(await tune(paths));
    return EXIT.done;
  }
  const names = only?.split(',');
  const forward = names?.includes('forward') ?? !(adversary || defences || drawing);
  const known = adversary
    ? [{ ...adversaryExperiment(adversary), defences }]
    : defences
      ? defenceExperiments()
      : experiments(quick);
  const others = names?.filter((name) => name !== 'forward');
  const wanted = chosen(known, others, searches).filter(
    ({ market }) => paths.real !== null || (market !== 'real' && market !== 'permuted'),
  );
  if (paths.real === null) {
    say(
      `no real bars at ${real}: real and permuted are left out, and cheats play on simulated noise (--real GLOB names others)`,
    );
  }

  const file = join(out, `answers-${keyOf(paths)}.jsonl`);
  const before = quick ? [] : readAnswers(file);
  if (before.length > 0) say(`${before.length} searches are there already: ${file}`);
  mkdirSync(out, { recursive: true });
  const show = progress();
  const fresh = await runExperiments({
    ...paths,
    experiments: drawing ? [] : wanted,
    workers,
    curves: !quick,
    seconds: quick ? QUICK_SECONDS : Number.POSITIVE_INFINITY,
    skip: ({ experiment, index }) =>
      before.some((answer) => answer.index === index && same(answer.experiment, experiment)),
    onAnswer: (answer, done, all) => {
      if (!quick) appendFileSync(file, `${JSON.stringify(answer)}\n`);
      show(`${done}/${all} searches, last ${answer.experiment.name} ${answer.seconds.toFixed(1)} s`);
    },
  });
  show();
  const answers = [...before, ...fresh].filter((answer) => wanted.some((each) => same(each, answer.experiment)));
  const summaries = summarise(wanted, answers);
  const code = await codeStagesOf(
    { quick, only: only ?? adversary ?? (defences ? 'defences' : undefined), drawing },
    paths,
    join(out, `code-${keyOf(paths)}.json`),
  );
  const states = forward ? calibrateForward(searches ?? (quick ? 60 : 400)) : null;
  const searched = summaries.length > 0 ? reportOf(summaries, answers, code) : '';
  const report = [searched, states && forwardText(states)].filter(Boolean).join('\n\n');
  if (!quick) {
    writeFileAtomic(join(out, 'report.txt'), `${report}\n`);
    writeFileAtomic(join(out, 'calibration.svg'), drawPower(summaries));
    say(`written: ${join(out, 'report.txt')} and calibration.svg`);
  }
  if (json) {
    say(report);
    printJson({
      ...Object.fromEntries([...pooled(summaries), ...summaries].map(entryOf)),
      ...(states && { forward: states }),
    });
  } else print(report);
  return EXIT.done;
};

/** One line of `--json`. */
function entryOf({ experiment: { name }, searches, keeps, trials, looks, upper95 }: Summary) {
  return [name, { searches, keeps, trials, looks, upper95 }] as const;
}

/** Static and causality on the library: once a whole run, on four strategies with --quick, not for chosen experiments. */
async function codeStagesOf(
  { quick, only, drawing }: { readonly quick: boolean; readonly only?: string; readonly drawing: boolean },
  paths: { readonly libraryDir: string; readonly configDir: string },
  file: string,
): Promise<CodeStages | null> {
  if (!quick && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as CodeStages;
  if (drawing || only !== undefined) return null;
  const spaces = await readSpaces(paths.libraryDir);
  const gates = readGatesConfig(join(paths.configDir, 'gates.yaml'));
  const found = await playCodeStages(quick ? spaces.slice(0, 4) : spaces, paths, gates);
  if (!quick) writeFileAtomic(file, JSON.stringify(found));
  return found;
}

function chosen(
  all: readonly Experiment[],
  names: readonly string[] | undefined,
  searches: number | undefined,
): Experiment[] {
  const matches = (name: string) => {
    const exact = all.filter((each) => each.name === name);
    return exact.length > 0 ? exact : all.filter((each) => each.name.startsWith(name));
  };
  const unknown = names?.filter((name) => matches(name).length === 0) ?? [];
  if (unknown.length > 0) {
    throw new RalphError(`no experiment called ${unknown.join(', ')}`, {
      remedy: `Known: ${['forward', ...all.map(({ name }) => name)].join(', ')}`,
      exitCode: EXIT.usage,
    });
  }
  return all
    .filter((each) => names === undefined || names.some((name) => matches(name).includes(each)))
    .map((each) => (searches ? { ...each, searches } : each));
}

/** Answers only hold for the code, gates, costs and library that gave them; how they are printed and drawn is no part of that. */
function keyOf({ libraryDir, configDir }: { libraryDir: string; configDir: string }): string {
  const files = [
    ...globSync(join(PACKAGE_ROOT, `src/{strategy,backtest,metrics,gates,market}/**/*${MODULE_ENDING}`)),
    ...globSync(join(libraryDir, '*')),
    ...globSync(join(libraryDir, '../universe/*')),
    join(configDir, 'gates.yaml'),
    join(configDir, 'market.yaml'),
  ].sort();
  return sha256(files.map((path) => readFileSync(path, 'utf8')).join('\n')).slice(0, 12);
}

function readAnswers(file: string): SearchAnswer[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  // A line that an interruption cut in half is a search to be done again.
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as SearchAnswer];
    } catch {
      return [];
    }
  });
}

/** Equal but for the number of searches asked for. */
function same(a: Experiment, b: Experiment): boolean {
  return canonicalJson({ ...a, searches: 0 }) === canonicalJson({ ...b, searches: 0 });
}
