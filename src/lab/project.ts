import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa, type ResultPromise } from 'execa';
import { writeFileAtomic } from '../base/files.ts';
import { readGatesConfig } from '../gates/config.ts';
import { engineVersion } from '../gates/engine-version.ts';
import type { RunEvent } from '../journal/events.ts';
import { readJournal } from '../journal/journal.ts';
import { type Bars, DAY, MINUTE } from '../market/bars.ts';
import { readMarketConfig } from '../market/config.ts';
import { openDatabase } from '../market/database.ts';
import { simulateMarket } from '../market/simulate.ts';
import { storeBars } from '../market/store/store-bars.ts';
import { canaryFile, sendCanaries } from '../task/trading/preflight.ts';
import type { Brain } from './server/brain.ts';
import { startModelServer } from './server/serve.ts';
import { compileModules, copyParts, databaseClosed, environmentOf, fillFrom, makeRepository } from './template.ts';
import { until } from './until.ts';

const PARTS = [
  'LICENSE',
  'package.json',
  'tsconfig.json',
  'ralph.ts',
  'src',
  'scripts',
  'strategies',
  'prompts',
  'config',
  '.gitignore',
];
/** First bar of the simulated market. */
export const MARKET_START = Date.UTC(2021, 0, 1);

/** A copy of this project in a repository of its own, with a small simulated market in its embedded database. */
export interface Project {
  readonly dir: string;
  /** Starts `ralph.ts` there as a user would; the model server's address and extra environment are handed in. */
  ralph(
    args: string[],
    env?: Record<string, string>,
    options?: { readonly detached?: boolean; readonly timeout?: number },
  ): ResultPromise<{
    cwd: string;
    reject: false;
    extendEnv: false;
    all: true;
    stdin: 'ignore';
    detached: boolean;
    timeout: number;
    killSignal: 'SIGKILL';
    env: Record<string, string | undefined>;
  }>;
  events(tag: string): RunEvent[];
  remove(): Promise<void>;
}

/** A run of a test that takes longer hangs, on whatever machine. */
const HANGING_MS = 900_000;

/**
 * Makes a project. With `databaseStays` its embedded database runs until the project is removed, so that a start does not wait for it;
 * without, each start brings it up and takes it down as it does for a user. `market: false` leaves the market out. `dir` is an empty folder.
 */
export async function makeProject({
  databaseStays = false,
  market = true,
  dir = mkdtempSync(join(tmpdir(), 'ralph-project-')),
} = {}): Promise<Project> {
  await fillFrom(market ? 'project-market' : 'project', dir, (folder) => writeProject(folder, market));
  const database = databaseStays && market ? await openDatabase({ dataDir: dataOf(dir) }) : null;
  return {
    dir,
    ralph: (args, env = {}, { detached = false, timeout = HANGING_MS } = {}) =>
      execa(process.execPath, ['ralph.ts', ...args], {
        cwd: dir,
        reject: false,
        extendEnv: false,
        all: true,
        stdin: 'ignore',
        detached,
        timeout,
        killSignal: 'SIGKILL',
        env: { ...environmentOf(dir), ...env },
      }),
    events: (tag) => readJournal(join(dir, 'runs', tag, 'journal.jsonl')),
    remove: async () => {
      await database?.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

/** The arguments that name a config like config/test but for some settings in one of its files. */
export function configWith(project: Project, name: string, file: string, edit: (text: string) => string): string[] {
  const folder = join(project.dir, 'config', name);
  cpSync(join(project.dir, 'config', 'test'), folder, { recursive: true });
  const path = join(folder, file);
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
  return ['--config', `config/${name}`];
}

/** Takes the canaries of a config as sent: other tests send them. */
export function takeCanariesAsSent({ dir }: Pick<Project, 'dir'>, config: string): void {
  const market = readMarketConfig(join(dir, config, 'market.yaml'));
  const gates = readGatesConfig(join(dir, config, 'gates.yaml'));
  writeFileAtomic(canaryFile({ projectDir: dir, market, gates }, engineVersion()), '[]\n');
}

/** A model server for a brain that lives as long as the test, with no misbehaviour unless asked for. */
export async function serve(t: TestContext, brain: Brain, rate = 0) {
  const server = await startModelServer({ brain, seed: 1, faults: { rate } });
  t.after(() => server.close());
  return server;
}

/** Waits until something is so while a run goes on; throws with what the run said when it ended before. */
export async function during(run: Promise<{ all?: unknown }>, isSo: () => boolean): Promise<void> {
  let ended: { all?: unknown } | undefined;
  run.then(
    (result) => (ended = result),
    (error) => (ended = { all: error }),
  );
  await until(
    `${isSo}`,
    () => {
      // In this order: it may have become so with the run's last step.
      const over = ended;
      if (isSo()) return true;
      if (over) throw new Error(`the run ended too early: ${over.all}`);
      return false;
    },
    50,
  );
}

const day = (offset: number) => new Date(MARKET_START + offset * DAY).toISOString().slice(0, 10);

function writeConfig(dir: string): void {
  const config = join(dir, 'config', 'test');
  mkdirSync(config, { recursive: true });
  // Nor is a model that is slow on such a machine to be called silent.
  const demo = readFileSync(join(dir, 'config', 'demo', 'ralph.yaml'), 'utf8');
  writeFileSync(join(config, 'ralph.yaml'), demo.replace(/idleSeconds: \d+/, 'idleSeconds: 120'));
  cpSync(join(dir, 'config', 'demo', 'market.yaml'), join(config, 'market.yaml'));
  const gates = readFileSync(join(dir, 'config', 'gates.yaml'), 'utf8');
  // No trial is to end by its time limit because the machine is busy, a hoard of memory long before it, and half a year of train
  // asks for more than a real run may.
  const patient = gates
    .replace(/^ {2}seconds: \d+$/m, '  seconds: 120')
    .replace(/^ {2}heapMb: \d+$/m, '  heapMb: 96')
    .replace(/^ {2}maxSharpe: .*$/m, '  maxSharpe: 9')
    // A keep costs the fewest surrogates: what more of them would say is tested where the null is.
    .replace(/^ {2}most: 2000$/m, '  most: 200')
    .replace(/^ {2}held: 200$/m, '  held: 0');
  writeFileSync(join(config, 'gates.yaml'), patient);
  const windows = [
    'embargoDays: 1',
    'warmupDays: 10',
    `train: { from: ${day(10)}, to: ${day(200)} }`,
    `selection: [{ from: ${day(201)}, to: ${day(230)} }]`,
    `holdout: { from: ${day(231)}, to: ${day(260)} }`,
  ];
  writeFileSync(join(config, 'windows.yaml'), `${windows.join('\n')}\n`);
}

async function writeProject(dir: string, market: boolean): Promise<void> {
  copyParts(dir, PARTS);
  writeConfig(dir);
  await makeRepository(dir, ['-A']);
  if (!market) return;
  await storeMarket(dir);
  const gates = readGatesConfig(join(dir, 'config/test/gates.yaml'));
  const settings = readMarketConfig(join(dir, 'config/test/market.yaml'));
  await sendCanaries({ projectDir: dir, market: settings, gates }, engineVersion());
  await compileModules(dir, 'config/test');
}

const dataOf = (dir: string) => join(dir, '.data', 'demo');

/**
 * Gives a project without a market the one of the demo: stored, frozen and past the canaries, as the first caller's `demo` (with these
 * arguments, no cycle) left it. The ledger stays out of it, because it knows the runs of that caller.
 */
export async function fillDemoMarket(dir: string, demo: (args: string[]) => Promise<unknown>): Promise<void> {
  await fillFrom('demo-market', dataOf(dir), async (folder) => {
    await demo(['demo', '--tag', 'market', '--cycles', '0']);
    await databaseClosed(dataOf(dir));
    cpSync(dataOf(dir), folder, { recursive: true });
    rmSync(dataOf(dir), { recursive: true });
    for (const ledger of globSync('ledger.sqlite*', { cwd: folder })) rmSync(join(folder, ledger));
  });
}

/** The bars of SIMUSD in every project with a market. */
export function simulatedBars(): Bars {
  return simulateMarket({ seed: 5, start: MARKET_START, minutes: (260 * DAY) / MINUTE }).bars;
}

async function storeMarket(dir: string): Promise<void> {
  const database = await openDatabase({ dataDir: dataOf(dir) });
  await storeBars(database, 'SIMUSD', simulatedBars(), 'test', { aggregates: false });
  await database.close();
  await databaseClosed(dataOf(dir));
}
