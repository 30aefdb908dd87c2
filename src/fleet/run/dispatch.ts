import { RalphError } from '../../base/errors.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { type Answers, homeOf, type Job, jobId, unpackAnswers } from '../job.ts';
import { ANSWERED, BEAT_SECONDS, beatOf, patiently, type Server } from '../server/connect.ts';
import { openJobs, TRIES } from './jobs.ts';
import { forgetHosts, type Host, livingHosts, type Seen, type tally } from './state.ts';
import type { Asking } from './workbench.ts';

/** A job that the worker with the open candidate does not take within this time is anybody's. */
const HOME_MS = 3_000;

/** What this process asked and has no answer to. */
interface Waiting {
  readonly id: string;
  readonly job: Job;
  readonly lane: string;
  readonly sentAt: number;
  readonly promise: Promise<Answers>;
  settle(answers: Answers): void;
  fail(thrown: unknown): void;
}

export interface Dispatch extends Asking {
  /** Waits for nothing any more; workers find out at their next beat that nothing is wanted. */
  close(): Promise<void>;
}

interface Options {
  readonly engine: string;
  /** Tells workers that the run is there. */
  beat(): Promise<void>;
  /** Hears at every beat what there is. */
  onBeat(seen: Seen): void;
  readonly counts: ReturnType<typeof tally>;
}

/** Sends jobs and waits for their answers: each is taken once, whoever gave it and however often it was evaluated. */
export async function openDispatch(server: Server, options: Options): Promise<Dispatch> {
  const { engine, counts } = options;
  const jobs = await openJobs(server, engine);
  const waiting = new Map<string, Waiting>();
  const stored = new Map<string, Promise<void>>();
  /** Which worker has a candidate open, by lane. */
  const homes = new Map<string, string>();
  const taken = new Map<string, string[]>();
  /** Candidates that are evaluated now. */
  const current = new Map<string, number>();
  let hosts: readonly Host[] = [];
  let arrived = new Set<string>();

  const homeFor = (lane: string) => {
    const host = homes.get(lane);
    return host !== undefined && hosts.some((each) => each.host === host) ? homeOf(engine, host) : jobs.common;
  };
  const send = (one: Waiting) =>
    patiently(async () => {
      if (await jobs.insert(one.id, one.job, homeFor(one.lane))) return;
      // A run that was killed, or another run, asked the same: what is answered is taken, what failed is asked again.
      await take([one.id]);
      await look([one], true);
    });

  const take = async (ids: readonly string[]) => {
    for (const { job: id, host, milliseconds, fingerprint, bytes } of await jobs.answers(ids)) {
      const one = waiting.get(id);
      if (!one) continue;
      const answers = unpackAnswers(bytes, fingerprint, one.job.calls.length);
      if (!answers) {
        await jobs.dropAnswer(id);
        await jobs.again(id, one.job);
        continue;
      }
      waiting.delete(id);
      homes.set(one.lane, host);
      taken.getOrInsert(one.job.candidate, []).push(id);
      counts.add(one.job.kind, milliseconds, performance.now() - one.sentAt);
      one.settle(answers);
    }
  };
  /** What became of jobs that are not answered. `fresh`: just sent, so that a failure is one of before. */
  const look = async (asked: readonly Waiting[], fresh = false) => {
    const left = asked.filter(({ id }) => waiting.has(id));
    if (left.length === 0) return;
    const rows = await jobs.rows(left.map(({ id }) => id));
    const vanished: Waiting[] = [];
    for (const one of left) {
      const own = rows.filter(({ id }) => id === one.id);
      if (own.some(({ state }) => state === 'active')) continue;
      const queued = own.find(({ state }) => state === 'created' || state === 'retry');
      const failed = own.find(({ state }) => state === 'failed');
      if (queued) {
        // Whoever had it open lost it, if it waits for another try: that queue may have nobody left.
        const late = queued.state === 'retry' || performance.now() - one.sentAt > HOME_MS;
        if (queued.name !== jobs.common && late) await jobs.moveToAll(one.id, queued.name);
      } else if (failed && !fresh) {
        waiting.delete(one.id);
        settleFailed(one, failed.output);
      } else vanished.push(one);
    }
    if (vanished.length === 0) return;
    // Answered a moment ago; else it vanished with a crash of the server, or its answer did.
    await take(vanished.map(({ id }) => id));
    for (const one of vanished) if (waiting.has(one.id)) await jobs.again(one.id, one.job);
  };

  const takeArrived = () => {
    const ids = [...arrived];
    arrived = new Set();
    // What cannot be read now is found at the next beat.
    take(ids).catch(() => {});
  };
  const takeAll = () => take([...waiting.keys()]);
  await server.ear.on(
    ANSWERED,
    (id) => {
      if (!waiting.has(id)) return;
      if (arrived.size === 0) setImmediate(takeArrived);
      arrived.add(id);
    },
    () => void takeAll().catch(() => {}),
  );

  const step = async () => {
    await options.beat();
    hosts = await livingHosts(server);
    await takeAll();
    await look([...waiting.values()]);
  };
  const away = (thrown: unknown) => {
    for (const one of waiting.values()) one.fail(thrown);
    waiting.clear();
  };
  const beat = beatOf(step, away, () => {
    const now = performance.now();
    const oldest = Math.min(now, ...[...waiting.values()].map(({ sentAt }) => sentAt));
    options.onBeat({ hosts, waiting: waiting.size, oldestSeconds: (now - oldest) / 1000 });
  });
  await beat();
  await forgetHosts(server);
  const timer = setInterval(() => void beat(), BEAT_SECONDS * 1000);

  const withdraw = async (gone: readonly Waiting[]) => {
    const stopped = { ok: false, kind: 'timeout', message: 'the evaluation was stopped' } as const;
    for (const one of gone) {
      waiting.delete(one.id);
      one.settle(one.job.calls.map(() => stopped));
    }
    if (gone.length > 0) await jobs.remove(gone.map(({ id }) => id));
  };

  return {
    get processes() {
      const own = hosts.filter((host) => host.engine === engine);
      const all = own.reduce((sum, { processes }) => sum + processes, 0);
      // Each process opens a candidate anew, which costs as much as many simulations: candidates at once share the processes.
      return Math.max(1, Math.floor(all / Math.max(1, current.size)));
    },
    async store(body) {
      const text = canonicalJson(body);
      const candidate = sha256(text);
      current.set(candidate, (current.get(candidate) ?? 0) + 1);
      const storing = stored.getOrInsertComputed(candidate, () => patiently(() => jobs.store(candidate, text)));
      await storing.catch((thrown) => {
        stored.delete(candidate);
        throw thrown;
      });
      return candidate;
    },
    async ask(job, lane) {
      const id = jobId(engine, job);
      const before = waiting.get(id);
      if (before) return before.promise;
      const { promise, resolve: settle, reject: fail } = Promise.withResolvers<Answers>();
      const one = { id, job, lane, sentAt: performance.now(), promise, settle, fail };
      waiting.set(id, one);
      await send(one).catch((thrown) => {
        waiting.delete(id);
        fail(thrown);
      });
      return promise;
    },
    async done(candidate) {
      const others = (current.get(candidate) ?? 1) - 1;
      if (others > 0) current.set(candidate, others);
      else current.delete(candidate);
      await withdraw([...waiting.values()].filter(({ job }) => job.candidate === candidate)).catch(() => {});
      const ids = taken.get(candidate) ?? [];
      taken.delete(candidate);
      for (const lane of homes.keys()) if (lane.startsWith(candidate)) homes.delete(lane);
      await jobs.forget(candidate, ids).catch(() => {});
    },
    async close() {
      clearInterval(timer);
      await withdraw([...waiting.values()]).catch(() => {});
    },
  };
}

function settleFailed({ job, settle, fail }: Waiting, output: unknown): void {
  const words = failureOf(output);
  // Lost workers are laid to the candidate: so many processes did not survive it.
  const message = `${TRIES} workers were lost while they evaluated it`;
  if (words === null) {
    settle(job.calls.map(() => ({ ok: false, kind: 'protocol', message })));
    return;
  }
  fail(
    new RalphError(`no worker could evaluate a candidate: ${words}`, {
      remedy: 'Look at what the workers say; the trial is evaluated again.',
      cause: Object.assign(new Error(words), { code: 'EAGAIN' }),
    }),
  );
}

/** Why workers gave a job back, in the words of the last one; null when they were lost. */
function failureOf(output: unknown): string | null {
  const { value, message } = (output ?? {}) as { value?: { message?: string }; message?: string };
  const words = message ?? value?.message ?? '';
  return /heartbeat|timed out/.test(words) || words === '' ? null : words;
}
