import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../../../base/numbers.ts';
import { type Answers, type Job, queueOf } from '../../../fleet/job.ts';
import { type Dispatch, openDispatch } from '../../../fleet/run/dispatch.ts';
import { tally } from '../../../fleet/run/state.ts';
import { openServer } from '../../../fleet/server/connect.ts';
import { openWake, type Wake } from '../../../fleet/server/serving.ts';
import { answerJob, takeJobs } from '../../../fleet/worker/lease.ts';
import { processorMs } from '../../processes.ts';
import { missingServer, type StartedServer, startRealServer } from '../../real-server.ts';
import type { Figures } from '../figures.ts';

/** Jobs one after the other, and jobs at once with so many askers and workers. */
const ONE_BY_ONE = 100;
const AT_ONCE = 1_000;
const ASKERS = 32;
/** Pretended workers of the throughput, and of the fairness. */
const FEW = 4;
const MANY = 50;
const POOLS = 10;

const ENGINE = 'b'.repeat(64);
/** As large as a simulation of four years. */
const ANSWER: Answers = [{ ok: true, value: new Float64Array(7_300).map((_, k) => k / 3) }];
/** Off the ports that tests take. */
const PORT = 31_873;

/** What the queue adds to a job whose evaluation takes no time, on a PostgreSQL of this machine, with pretended workers. */
export async function queueBench(): Promise<Figures> {
  const missing = missingServer();
  if (missing !== false) return { queue: { skipped: missing } };
  const started = startRealServer(PORT);
  try {
    const url = `postgresql://ralph:ralph@127.0.0.1:${started.port}/ralph`;
    const server = await openServer({ url, role: 'run', connections: 6 });
    const dispatch = await openDispatch(server, {
      engine: ENGINE,
      counts: tally(),
      beat: async () => {},
      onBeat: () => {},
    });
    try {
      const few = await measure(url, dispatch, started, FEW);
      const many = await measure(url, dispatch, started, MANY);
      return {
        queue: few,
        [`queue, ${MANY} pretended workers`]: many,
      };
    } finally {
      await dispatch.close();
      await server.close();
    }
  } finally {
    started.remove();
  }
}

async function measure(url: string, dispatch: Dispatch, { folder }: StartedServer, count: number) {
  const postmaster = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  // Those of one connection pool share it, as the server takes only so many connections.
  const pools = await Promise.all(Array.from({ length: Math.min(count, POOLS) }, () => pretendHost(url)));
  const workers = Array.from({ length: count }, (_, k) => pools[k % pools.length].worker());
  const waits: number[] = [];
  for (let k = 0; k < ONE_BY_ONE; k++) {
    const from = performance.now();
    await dispatch.ask(jobOf(), 'lane');
    waits.push(performance.now() - from);
  }
  const before = workers.map(({ done }) => done());
  const [from, server, own] = [performance.now(), processorMs(postmaster), process.cpuUsage()];
  let left = AT_ONCE;
  const ask = async () => {
    while (left-- > 0) await dispatch.ask(jobOf(), 'lane');
  };
  await Promise.all(Array.from({ length: ASKERS }, ask));
  const seconds = (performance.now() - from) / 1000;
  const used = process.cpuUsage(own);
  const shares = workers.map(({ done }, k) => done() - before[k]).sort((a, b) => a - b);
  await Promise.all(pools.map(({ close }) => close()));
  await dispatch.done(CANDIDATE);
  const per1000 = 1000 / AT_ONCE;
  return {
    overheadMs: median(waits),
    jobsPerSecond: AT_ONCE / seconds,
    serverMsPer1000Jobs: (processorMs(postmaster) - server) * per1000,
    // Of the asking and the answering side together.
    clientMsPer1000Jobs: ((used.user + used.system) / 1000) * per1000,
    fewestJobs: shares[0],
    mostJobs: shares[shares.length - 1],
  };
}

const CANDIDATE = 'c'.repeat(64);
let number = 0;

function jobOf(): Job {
  return { candidate: CANDIDATE, kind: 'train', calls: [{ kind: 'allowed', points: [{ number: number++ }] }] };
}

/** Workers that take jobs as real ones do and answer them at once. */
async function pretendHost(url: string) {
  const wakes = new Set<Wake>();
  const onSent = () => {
    for (const wake of wakes) wake.now();
  };
  const server = await openServer({ url, role: 'worker', onSent, connections: 4 });
  const loops: Promise<void>[] = [];
  let closed = false;
  return {
    worker() {
      const wake = openWake();
      wakes.add(wake);
      let done = 0;
      const loop = async () => {
        while (!closed) {
          const [lease] = await takeJobs(server, queueOf(ENGINE), 1);
          if (!lease) await wake.within(2_000);
          else if (await answerJob(server, lease, 'pretended', ANSWER, 0)) done += 1;
        }
      };
      loops.push(loop());
      return { done: () => done };
    },
    async close() {
      closed = true;
      onSent();
      await Promise.all(loops);
      await server.close();
    },
  };
}
