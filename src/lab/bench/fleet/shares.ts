import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, commandOf, ownProcessorMs, processorMs } from '../../processes.ts';
import type { StartedServer } from '../../real-server.ts';
import { until } from '../../until.ts';

/** What some work took: wall seconds, and processor time in ms by who used it. */
export interface Shares {
  readonly seconds: number;
  /** This process, with its compiler. */
  readonly run: number;
  /** Evaluation processes, from their start to their end, whoever started them. */
  readonly evaluations: number;
  /** Workers, without their evaluation processes. */
  readonly workers: number;
  /** The database server. */
  readonly server: number;
  /** Evaluation processes that were started. */
  readonly started: number;
}

/** How an evaluation process is told from other children. */
const EVALUATION = /--permission .*--no-experimental-sqlite/;
/** One that lives shorter than this may be missed in `started`; its time is counted all the same. */
const LOOK_MS = 200;

/** Does the work and says what it took; `workers` are children of this process, and count only where `byWorkers` says so. */
export async function sharesOf(
  { folder }: StartedServer,
  { workers, byWorkers }: { readonly workers: readonly number[]; readonly byWorkers: boolean },
  work: () => Promise<void>,
): Promise<Shares> {
  const postmaster = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  const parents = byWorkers ? [process.pid, ...workers] : [process.pid];
  const evaluationsNow = () =>
    parents.flatMap((parent) => childrenOf(parent)).filter((child) => EVALUATION.test(commandOf(child)));
  const now = () => {
    const run = ownProcessorMs(process.pid);
    const theirs = workers.map((pid) => ({ own: ownProcessorMs(pid), all: processorMs(pid) }));
    const [own, all] = [sum(theirs.map((each) => each.own)), sum(theirs.map((each) => each.all))];
    const below = processorMs(process.pid) - run - all;
    const compiler = sum(
      childrenOf(process.pid)
        .filter((pid) => commandOf(pid).includes('esbuild'))
        .map(processorMs),
    );
    return { run: run + compiler, below: below - compiler, own, all, server: processorMs(postmaster) };
  };
  const seen = new Set<number>();
  const look = () => {
    for (const pid of evaluationsNow()) if (!there.has(pid)) seen.add(pid);
  };
  await quiet(workers);
  const there = new Set(evaluationsNow());
  const timer = setInterval(look, LOOK_MS);
  const [from, before] = [performance.now(), now()];
  try {
    await work();
    const [seconds, after] = [(performance.now() - from) / 1000, now()];
    const took = (name: keyof typeof before) => after[name] - before[name];
    return {
      seconds,
      run: took('run'),
      started: seen.size,
      evaluations: took('below') + (byWorkers ? took('all') - took('own') : 0),
      ...(byWorkers ? { workers: took('own'), server: took('server') } : { workers: 0, server: 0 }),
    };
  } finally {
    clearInterval(timer);
  }
}

/** Until workers do nothing but wait: what they prepare for their next candidate belongs to the one before. */
async function quiet(workers: readonly number[]): Promise<void> {
  let [before, at] = [Number.NEGATIVE_INFINITY, performance.now()];
  await until(
    'the workers rest',
    () => {
      const now = sum(workers.map(processorMs));
      const share = (now - before) / (performance.now() - at);
      [before, at] = [now, performance.now()];
      return share < 0.1;
    },
    500,
  );
}

/** Processor time of all that takes part, in ms. */
export function totalOf({ run, evaluations, workers, server }: Shares): number {
  return run + evaluations + workers + server;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
