import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pLimit from 'p-limit';
import { openSpares } from '../../backtest/box/spares.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import { openFleet } from '../../fleet/run/open.ts';
import { readFleetState } from '../../fleet/run/state.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { emptyHistory } from '../../gates/history.ts';
import { evaluateCandidate } from '../../gates/pipeline.ts';
import { type Bench, boxWorkbench } from '../../gates/workbench/box-workbench.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import { processorMs } from '../processes.ts';
import { missingServer, type StartedServer, startRealServer } from '../real-server.ts';
import { until } from '../until.ts';
import type { Figures } from './figures.ts';
import { SYMBOL, trialMarket, trialSource, trialWindows } from './trial-market.ts';

/** Trials of each measurement, and how many of them are under way at once with workers. */
const TRIALS = 4;
const AT_ONCE = 2;
const WORKERS = [1, 2, 4];
/** Off the ports that tests take. */
const PORT = 31_875;

/**
 * Whole trials by workers of this machine: their speed against one evaluation process without a queue, and the processor time of all that
 * takes part, the database server included. A run that evaluates by itself uses several processes for the surrogates, and is shown beside them.
 * Starts of workers are left out: they serve for days.
 */
export async function workersBench(): Promise<Figures> {
  const missing = missingServer();
  if (missing !== false) return { 'two workers': { skipped: missing } };
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const started = startRealServer(PORT);
  try {
    const trials = prepare(folder);
    await trials(openOne, 1, 1, 'crash');
    const single = await measured(started, () => trials(openOne, TRIALS, 1));
    const spares = openSpares();
    const openHere = (bench: Bench) => boxWorkbench({ ...bench, spares });
    await trials(openHere, 1, 1, 'crash');
    const alone = await measured(started, () => trials(openHere, TRIALS, 1));
    await spares.close();
    const figures: Figures = {
      'one evaluation process': { seconds: single.seconds, trials: TRIALS, processorMs: single.clients },
      'a run without workers': {
        ...{ speedup: single.seconds / alone.seconds, seconds: alone.seconds },
        ...{ moreProcessorTime: alone.clients / single.clients - 1, processorMs: alone.clients },
      },
    };
    for (const count of WORKERS) {
      const { seconds, clients, server, jobs } = await byWorkers(started, folder, trials, count);
      figures[NAMES[count]] = {
        speedup: single.seconds / seconds,
        seconds,
        moreProcessorTime: (clients + server) / single.clients - 1,
        processorMs: clients,
        serverMs: server,
        serverShare: server / clients,
        jobs,
        serverMsPer1000Jobs: (1000 * server) / jobs,
      };
    }
    return figures;
  } finally {
    started.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const NAMES: Readonly<Record<number, string>> = { 1: 'one worker', 2: 'two workers', 4: 'four workers' };

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
        ...{ files, params: {}, frozen, market, gates, openBench, history: emptyHistory() },
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
  const open = boxWorkbench(bench);
  return { ...open, surrogates: (requests) => open.simulate('train', requests) };
}

async function byWorkers(started: StartedServer, folder: string, trials: Trials, count: number) {
  const url = `postgresql://ralph:ralph@127.0.0.1:${started.port}/ralph`;
  const fleet = await openFleet({ url, tag: 'bench', runDir: folder, frozen: trials.frozen });
  const workers = Array.from({ length: count }, (_, k) =>
    execa(
      process.execPath,
      [
        ...[join(PACKAGE_ROOT, `ralph${MODULE_ENDING}`), 'worker', '--processes', '1'],
        ...['--dir', join(folder, `worker-${k}`)],
      ],
      { env: { DATABASE_URL: url }, reject: false, stdio: 'ignore' },
    ),
  );
  try {
    const there = () => readFleetState(folder)?.hosts.length === count;
    await until(`${count} workers are there`, there);
    // Until each has fetched the windows.
    await trials(fleet.workbench, 3 * count, count, 'crash');
    const before = await jobsIn(folder);
    const found = await measured(started, () => trials(fleet.workbench, TRIALS, Math.max(AT_ONCE, count)));
    return { ...found, jobs: (await jobsIn(folder)) - before };
  } finally {
    for (const worker of workers) worker.kill('SIGINT');
    await Promise.all(workers);
    await fleet.close();
  }
}

/** Jobs that were answered until now. */
async function jobsIn(folder: string): Promise<number> {
  const now = Date.now();
  await until('the next beat', () => (readFleetState(folder)?.at ?? 0) > now);
  return readFleetState(folder)?.kinds.reduce((sum, { jobs }) => sum + jobs, 0) ?? 0;
}

/** Wall seconds, and processor time of this process with its workers and of the database server, in ms. */
async function measured({ folder }: StartedServer, work: () => Promise<void>) {
  const postmaster = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  const [from, clients, server] = [performance.now(), processorMs(process.pid), processorMs(postmaster)];
  await work();
  return {
    seconds: (performance.now() - from) / 1000,
    clients: processorMs(process.pid) - clients,
    server: processorMs(postmaster) - server,
  };
}
