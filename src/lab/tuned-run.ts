import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { median, percent } from '../base/numbers.ts';
import { seededRandom } from '../base/random.ts';
import { STAGES } from '../gates/verdict.ts';
import type { EventOf, RunEvent } from '../journal/events.ts';
import { readTuned } from '../page/tuned.ts';
import { flag, text, whole } from '../verbs/table/options.ts';
import type { Values, Verb } from '../verbs/table/verb.ts';
import { makeProject, type Project } from './project.ts';
import { withRanges } from './scripted/ranges.ts';
import { scriptedResearcher } from './scripted/researcher.ts';
import { startModelServer } from './server/serve.ts';

/** What `tuned-run` takes. */
export const TUNED_RUN = {
  does: 'a run whose numbers the harness tunes beside one whose numbers the model guesses, on real bars',
  options: {
    endpoint: text('base address of a real model, on the blocks wire; without it the model is scripted', 'URL'),
    cycles: whole('cycles of each run', { least: 1, default: 30 }),
    seed: whole('of the scripted model and the search', { default: 1 }),
    minutes: whole('most minutes of each run', { least: 1, default: 60 }),
    bars: text('folder with BTCUSD-1m-*.csv.gz of Bitfinex', 'DIR', { default: 'shared/data/bitfinex' }),
    data: text('a .data folder whose embedded database holds these bars already; it is copied', 'DIR'),
    json: flag('the figures as JSON'),
  },
} as const satisfies Verb;

const KINDS = ['untuned', 'tuned'] as const;
/** What every trial of a run is asked; the tuner's own stage is no step further. */
const ASKED = STAGES.filter((stage) => stage !== 'tuning');
const places: readonly string[] = ASKED;

interface Told {
  readonly cycles: number;
  readonly trials: number;
  readonly keeps: number;
  readonly crashes: number;
  /** Median over the trials that reached train. */
  readonly seconds: number | null;
  /** Median share of the in-sample Sharpe ratio that was lost. */
  readonly shrinkage: number | null;
  /** Trials that came as far as each stage. */
  readonly reached: Readonly<Record<string, number>>;
  /** Stages that each trial passed. */
  readonly passed: readonly number[];
  /** What became of each cycle: the gate that ended its verdict's trial, `keep`, or `no trial`. */
  readonly perCycle: readonly string[];
  /** Prompt and completion tokens of all sessions. */
  readonly tokens: number;
}

/** Two runs in a project of their own with the shipped windows, costs and gates, each with an empty ledger. Prints the table. */
export async function tunedRun({
  endpoint,
  cycles,
  seed,
  minutes,
  bars,
  data,
  json,
}: Values<typeof TUNED_RUN.options>): Promise<ExitCode> {
  const files = globSync(join(resolve(bars), 'BTCUSD-1m-*.csv.gz')).sort();
  if (files.length === 0 && !data)
    throw new RalphError(`no bars in ${resolve(bars)}`, {
      expected: 'BTCUSD-1m-2013.csv.gz to BTCUSD-1m-2016.csv.gz',
      remedy: 'Name their folder with --bars DIR.',
      exitCode: EXIT.usage,
    });
  const project = await makeProject({ market: false });
  try {
    const settings = readFileSync(join(project.dir, endpoint ? 'config/ralph.yaml' : 'config/demo/ralph.yaml'), 'utf8');
    const limited = settings.replace(/hours: \d+/, `hours: ${minutes / 60}`);
    const config = join(project.dir, 'config/ralph.yaml');
    writeFileSync(config, limited);
    if (data) cpSync(resolve(data), join(project.dir, '.data'), { recursive: true });
    else await done(project, ['data', 'ingest', ...files, '--symbol', 'BTCUSD', '--format', 'bitfinex']);
    const told: Record<string, Told> = {};
    for (const kind of KINDS) {
      if (endpoint) writeFileSync(config, onBlocks(limited, kind === 'tuned'));
      told[kind] = await runOf(project, kind, { cycles, seed, minutes, endpoint });
      say(`${kind}: ${told[kind].trials} trials`);
    }
    if (json) printJson({ ...told, later: laterOf(told) });
    else print(tableOf(told));
    return EXIT.done;
  } finally {
    await project.remove();
  }
}

/** The settings of a run on the blocks wire, whose numbers are left to the harness or not. */
function onBlocks(settings: string, tuned: boolean): string {
  return settings.replace(/wire: auto/, 'wire: blocks').replace(/tuneNumbers: \w+/, `tuneNumbers: ${tuned}`);
}

type RunSettings = Pick<Values<typeof TUNED_RUN.options>, 'cycles' | 'seed' | 'minutes' | 'endpoint'>;

async function runOf(project: Project, kind: (typeof KINDS)[number], settings: RunSettings): Promise<Told> {
  const { cycles, seed, minutes, endpoint } = settings;
  for (const ledger of globSync('.data/ledger.sqlite*', { cwd: project.dir })) rmSync(join(project.dir, ledger));
  const brain = scriptedResearcher(seed);
  const server = endpoint
    ? null
    : await startModelServer({ brain: kind === 'tuned' ? withRanges(brain) : brain, seed });
  try {
    const args = ['run', '--tag', kind, '--cycles', String(cycles), '--seed', String(seed)];
    await done(project, args, { RALPH_BASE_URL: server?.baseUrl ?? endpoint! }, (minutes + 15) * 60_000);
  } finally {
    await server?.close();
  }
  return toldOf(project.events(kind), join(project.dir, 'runs', kind));
}

async function done(
  project: Project,
  args: string[],
  env: Record<string, string> = {},
  timeout?: number,
): Promise<void> {
  const ended = await project.ralph(args, env, { timeout });
  if (ended.exitCode !== EXIT.done && ended.exitCode !== EXIT.limit)
    throw new Error(`ralph ${args[0]} ended with ${ended.exitCode ?? ended.signal}: ${String(ended.all).slice(-2000)}`);
}

/** Reads the figures off a journal. */
export function toldOf(events: readonly RunEvent[], runDir: string): Told {
  const trials = events.filter((event) => event.type === 'trial.finished') as EventOf<'trial.finished'>[];
  const count = (outcome: string) => trials.filter((trial) => trial.outcome === outcome).length;
  const ends = trials.map(lastStage);
  const shrinkage = trials.flatMap((trial) => readTuned(runDir, trial)?.shrinkage ?? []);
  const far = trials.filter((_, i) => ends[i] >= ASKED.indexOf('train'));
  const verdicts = events.filter((event) => event.type === 'verdict.given') as EventOf<'verdict.given'>[];
  const sessions = events.filter((event) => event.type === 'session.ended') as EventOf<'session.ended'>[];
  return {
    cycles: verdicts.length,
    perCycle: verdicts.map(endOf),
    tokens: sessions.reduce((sum, { promptTokens, completionTokens }) => sum + promptTokens + completionTokens, 0),
    trials: trials.length,
    keeps: count('keep'),
    crashes: count('crash'),
    seconds: orNull(median(far.map(({ seconds }) => seconds))),
    shrinkage: orNull(median(shrinkage)),
    reached: Object.fromEntries(ASKED.map((stage, k) => [stage, ends.filter((end) => end >= k).length])),
    passed: trials.map((trial, i) => ends[i] + (trial.outcome === 'keep' ? 1 : 0)),
  };
}

function endOf({ trial, outcome, reasons }: EventOf<'verdict.given'>): string {
  if (trial === null) return 'no trial';
  return outcome === 'keep' ? 'keep' : (reasons.find(({ passed }) => !passed)?.gate ?? outcome);
}

/** The place of the stage that ended a trial. */
function lastStage({ gates }: EventOf<'trial.finished'>): number {
  return Math.max(0, ...gates.map(({ stage }) => places.indexOf(stage)));
}

/** How many stages further a tuned trial gets, on average, with the 95% limits of a bootstrap over the trials. */
export function laterOf({ tuned, untuned }: Record<string, Pick<Told, 'passed'>>) {
  const random = seededRandom('later');
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const again = (values: readonly number[]) => values.map(() => values[Math.floor(random() * values.length)]);
  const draws = Array.from({ length: 2000 }, () => mean(again(tuned.passed)) - mean(again(untuned.passed)));
  draws.sort((a, b) => a - b);
  return { stages: mean(tuned.passed) - mean(untuned.passed), low: draws[50], high: draws[1949] };
}

function tableOf(told: Record<string, Told>): string {
  const row = (name: string, value: (of: Told) => string | number) => [name, ...KINDS.map((kind) => value(told[kind]))];
  const { stages, low, high } = laterOf(told);
  const share = ({ reached, trials }: Told, stage: string) =>
    `${reached[stage]} (${percent(reached[stage] / Math.max(1, trials), 0)})`;
  const most = Math.max(...KINDS.map((kind) => told[kind].perCycle.length));
  return [
    table(
      ['cycle', ...KINDS],
      Array.from({ length: most }, (_, k) => [k + 1, ...KINDS.map((kind) => told[kind].perCycle[k] ?? '')]),
    ),
    table(
      ['', ...KINDS],
      [
        row('cycles', ({ cycles }) => cycles),
        row('trials', ({ trials }) => trials),
        row('crashes', ({ crashes }) => crashes),
        row('keeps', ({ keeps }) => keeps),
        row('seconds a trial', ({ seconds }) => seconds?.toFixed(2) ?? '-'),
        row('shrinkage', ({ shrinkage }) => (shrinkage === null ? '-' : percent(shrinkage, 0))),
        row('tokens a cycle', ({ tokens, cycles }) => Math.round(tokens / Math.max(1, cycles))),
        ...ASKED.slice(1).map((stage) => row(`reached ${stage}`, (of) => share(of, stage))),
      ],
    ),
    `A tuned trial gets ${stages.toFixed(2)} stages further (95%: ${low.toFixed(2)} to ${high.toFixed(2)}). Seconds: median of the trials that reached train. Shrinkage: median share of the in-sample Sharpe ratio that was lost out of fold.`,
  ].join('\n\n');
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
