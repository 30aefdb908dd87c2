import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pLimit from 'p-limit';
import { openSpares } from '../../../backtest/box/spares.ts';
import { MODULE_ENDING } from '../../../base/module-ending.ts';
import { median } from '../../../base/numbers.ts';
import { PACKAGE_ROOT } from '../../../base/roots.ts';
import { openFleet } from '../../../fleet/run/open.ts';
import { readFleetState } from '../../../fleet/run/state.ts';
import { readGatesConfig } from '../../../gates/config.ts';
import { emptyHistory } from '../../../gates/history.ts';
import { evaluateCandidate } from '../../../gates/pipeline.ts';
import { type Bench, boxWorkbench } from '../../../gates/workbench/box-workbench.ts';
import type { Workbench } from '../../../gates/workbench/workbench.ts';
import { missingServer, type StartedServer, startRealServer } from '../../real-server.ts';
import { until } from '../../until.ts';
import type { Figures } from '../figures.ts';
import { SYMBOL, trialMarket, trialSource, trialWindows } from '../trial/trial-market.ts';
import { type Shares, sharesOf, totalOf } from './shares.ts';

/** Trials of each measurement, and how many of them are under way at once with workers. */
const TRIALS = 2;
const AT_ONCE = 2;
/** Rounds of one process and two workers in turn: the same work takes a fifth more or less from one minute to the next. */
const ROUNDS = 5;
/** Nothing but this process and what it starts to evaluate. */
const HERE = { workers: [], byWorkers: false } as const;
/** Off the ports that tests take. */
const PORT = 31_875;

/**
 * Whole trials by workers of this machine: their speed against one evaluation process without a queue, and the processor time of all that
 * takes part, the database server included. Two evaluation processes at once without a queue stand beside them: what these take more is the
 * machine's doing. Starts of workers are left out, as they serve for days; those of evaluation processes are not.
 */
export async function workersBench(): Promise<Figures> {
  const missing = missingServer();
  if (missing !== false) return { 'two workers': { skipped: missing } };
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const server = startRealServer(PORT);
  const place = { server, folder, trials: prepare(folder) };
  try {
    const figures = await inTurn(place);
    const one = Number(figures['one evaluation process'].seconds);
    const spares = openSpares();
    const openHere = (bench: Bench) => boxWorkbench({ ...bench, spares });
    await place.trials(openHere, 1, 1, 'crash');
    const alone = await sharesOf(server, HERE, () => place.trials(openHere, TRIALS, 1));
    await spares.close();
    figures['a run without workers'] = { speedup: one / alone.seconds, ...figuresOf([alone]) };
    for (const [name, count] of Object.entries({ 'one worker': 1, 'four workers': 4 })) {
      const workers = startWorkers(place, count);
      const { shares, jobs } = await byWorkers(place, workers.pids, 2 * count).finally(workers.end);
      const serverMsPer1000Jobs = (1000 * shares.server) / jobs;
      figures[name] = { speedup: (one * count) / shares.seconds, ...figuresOf([shares]), jobs, serverMsPer1000Jobs };
    }
    return figures;
  } finally {
    server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly server: StartedServer;
  readonly folder: string;
  readonly trials: Trials;
}

/** One process, two processes and two workers in turn, there and back, so that what changes with time falls on all alike. */
async function inTurn(place: Place): Promise<Figures> {
  const { server, trials } = place;
  const workers = startWorkers(place, AT_ONCE);
  const found: Record<'one' | 'two' | 'workers', Shares[]> = { one: [], two: [], workers: [] };
  const ways = {
    one: () => sharesOf(server, { ...HERE, workers: workers.pids }, () => trials(openOne, TRIALS, 1)),
    two: () => sharesOf(server, { ...HERE, workers: workers.pids }, () => trials(openOne, TRIALS, AT_ONCE)),
    workers: async () => (await byWorkers(place, workers.pids, TRIALS)).shares,
  };
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const names = ['one', 'two', 'workers'] as const;
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const shares = await ways[name]();
        // The first warms up.
        if (round > 0) found[name].push(shares);
      }
    }
  } finally {
    await workers.end();
  }
  const beside = (by: Shares[], against: Shares[], of: (shares: Shares) => number) =>
    by.map((each, round) => of(each) / of(against[round]));
  const more = beside(found.workers, found.one, totalOf).map((ratio) => ratio - 1);
  return {
    'one evaluation process': figuresOf(found.one),
    'two evaluation processes': {
      moreProcessorTime: median(beside(found.two, found.one, totalOf)) - 1,
      ...figuresOf(found.two),
    },
    'two workers': {
      speedup: median(beside(found.one, found.workers, ({ seconds }) => seconds)),
      moreProcessorTime: median(more),
      least: Math.min(...more),
      most: Math.max(...more),
      rounds: ROUNDS,
      ...spread(found.workers.map((each, round) => aroundOf(each, found.one[round]))),
      moreThanTwoProcesses: median(beside(found.workers, found.two, totalOf)) - 1,
      ...figuresOf(found.workers),
    },
  };
}

/**
 * What run, workers and server took more than the one process took beside its evaluations, as a share of all that it took. As many evaluation
 * processes do the same in both, so what those differ by is the machine's doing, and this is the fleet's.
 */
function aroundOf(by: Shares, one: Shares): number {
  return (totalOf(by) - by.evaluations - (totalOf(one) - one.evaluations)) / totalOf(one);
}

function spread(values: readonly number[]) {
  return { aroundMore: median(values), aroundLeast: Math.min(...values), aroundMost: Math.max(...values) };
}

/** The middle of each share. */
function figuresOf(rounds: readonly Shares[]): Figures[string] {
  const middle = (of: (shares: Shares) => number) => median(rounds.map(of));
  return {
    seconds: middle(({ seconds }) => seconds),
    processorMs: middle(totalOf),
    evaluationsMs: middle(({ evaluations }) => evaluations),
    started: middle(({ started }) => started),
    runMs: middle(({ run }) => run),
    workersMs: middle(({ workers }) => workers),
    serverMs: middle(({ server }) => server),
  };
}

type Trials = ReturnType<typeof prepare>;

/** Trials of different candidates, so that no answer of one serves another. */
function prepare(folder: string) {
  const frozen = trialWindows(folder);
  const configDir = join(PACKAGE_ROOT, 'config');
  const read = readGatesConfig(join(configDir, 'gates.yaml'));
  // Too few surrogates for a keep: more of them would only repeat what is measured.
  const gates = { ...read, surrogates: { ...read.surrogates, count: 100, most: 100, held: 0 } };
  const market = trialMarket(configDir);
  let number = 0;
  const trials = async (openBench: (bench: Bench) => Workbench, count: number, atOnce: number, wanted = 'discard') => {
    const limit = pLimit(atOnce);
    const one = async () => {
      number += 1;
      const own = trialSource.replace('calm: 0.002', `calm: ${(0.002 + number * 1e-9).toFixed(9)}`);
      const source =
        wanted === 'discard' ? own : own.replace('decide(now, p) {', '$& throw new Error(String(p.calm + now.close));');
      const files = { name: 'bench', source, yaml: `strategy: bench.ts\nsymbols: [${SYMBOL}]\n` };
      const outcome = await evaluateCandidate({
        files,
        params: {},
        frozen,
        market,
        gates,
        openBench,
        history: emptyHistory(),
      });
      if (outcome.outcome !== wanted)
        throw new Error(
          `the bench strategy was ${outcome.outcome}, expected ${wanted}: ${outcome.gates.findLast(({ passed }) => !passed)?.message}`,
        );
    };
    await Promise.all(Array.from({ length: count }, () => limit(one)));
  };
  return Object.assign(trials, { frozen });
}

/** Everything of a candidate's train window in one process. */
function openOne(bench: Bench): Workbench {
  return boxWorkbench({ ...bench, processors: 1 });
}

function startWorkers({ server, folder }: Place, count: number) {
  const children = Array.from({ length: count }, (_, k) =>
    execa(
      process.execPath,
      [
        ...[join(PACKAGE_ROOT, `ralph${MODULE_ENDING}`), 'worker', '--processes', '1'],
        ...['--dir', join(folder, `worker-${k}`)],
      ],
      { env: { DATABASE_URL: urlOf(server) }, reject: false, stdio: 'ignore' },
    ),
  );
  return {
    pids: children.map(({ pid }) => Number(pid)),
    async end() {
      for (const child of children) child.kill('SIGINT');
      await Promise.all(children);
    },
  };
}

/** A run of some trials, from when the workers have its windows. */
async function byWorkers({ server, folder, trials }: Place, workers: readonly number[], count: number) {
  const fleet = await openFleet({ url: urlOf(server), tag: 'bench', runDir: folder, frozen: trials.frozen });
  const atOnce = workers.length;
  try {
    await until('the workers are there', () => readFleetState(folder)?.hosts.length === atOnce);
    await trials(fleet.workbench, 2 * atOnce, atOnce, 'crash');
    const before = await jobsIn(folder);
    const shares = await sharesOf(server, { workers, byWorkers: true }, () => trials(fleet.workbench, count, atOnce));
    return { shares, jobs: (await jobsIn(folder)) - before };
  } finally {
    await fleet.close();
  }
}

/** Jobs that were answered until now. */
async function jobsIn(folder: string): Promise<number> {
  const now = Date.now();
  await until('the next beat', () => (readFleetState(folder)?.at ?? 0) > now);
  return readFleetState(folder)?.kinds.reduce((sum, { jobs }) => sum + jobs, 0) ?? 0;
}

function urlOf({ port }: StartedServer): string {
  return `postgresql://ralph:ralph@127.0.0.1:${port}/ralph`;
}
