import { acceptAllowed, acceptAudit, acceptResults } from '../../backtest/box/accept.ts';
import type { BoxAnswer, SimulationRequest } from '../../backtest/contract.ts';
import type { Bench } from '../../gates/workbench/box-workbench.ts';
import { spreadOver } from '../../gates/workbench/spread.ts';
import type { Simulate, WindowName, Workbench } from '../../gates/workbench/workbench.ts';
import type { WindowFile } from '../../market/snapshot.ts';
import type { Answers, Call, CandidateBody, FrozenName, Job, JobKind } from '../job.ts';

/** What a workbench asks of the queue. */
export interface Asking {
  /** The hash of a candidate's body, once workers can find it. */
  store(body: CandidateBody): Promise<string>;
  /** The answers of a job, wherever it is evaluated. `lane` names the process that has the candidate open. */
  ask(job: Job, lane: string): Promise<Answers>;
  /** No answer of this candidate is waited for any more. */
  done(candidate: string): Promise<void>;
  /** Evaluation processes of all workers, as far as they fall to one of the candidates that are evaluated now; 1 at least. */
  readonly processes: number;
}

/** Simulations of surrogates that one job holds at least: fewer, and the queue costs more than a twentieth of them. */
const LEAST_SHARE = 4;

const STOPPED: BoxAnswer<never> = { ok: false, kind: 'timeout', message: 'the evaluation was stopped' };

/**
 * A workbench whose simulations are made by workers. Questions that are asked together travel as one job; what a job is answered does not
 * depend on who answers it, so the gates see the same numbers as from processes of this host.
 */
export function fleetWorkbench(asking: Asking, bench: Bench): Workbench {
  const { code, symbols, universe, frozen, market, limits, signal } = bench;
  /** Those that it trades; all of them for a set, or where one is missing, which is said by the worker. */
  const names = (files: readonly WindowFile[]) => {
    const own = files.filter(({ symbol }) => symbols.includes(symbol));
    return (universe === undefined && own.length === symbols.length ? own : files).map(nameOf);
  };
  const stored = asking.store({
    code,
    symbols,
    ...(universe === undefined ? {} : { universe, universes: frozen.universes }),
    market,
    limits,
    train: names(frozen.train),
    selection: frozen.selection.map(names),
  });
  // Whoever asks first hears why it failed.
  stored.catch(() => {});
  let closed = false;
  const waiting = new Map<
    number,
    { call: Call; kind: JobKind; settle: (answer: Promise<BoxAnswer<unknown>>) => void }[]
  >();

  const send = async (lane: number) => {
    const asked = waiting.get(lane) ?? [];
    waiting.delete(lane);
    const calls = asked.map(({ call }) => call);
    const answers = stored.then((candidate) =>
      asking.ask({ candidate, calls, kind: asked[0].kind }, `${candidate} ${lane}`),
    );
    answers.catch(() => {});
    for (const [k, { settle }] of asked.entries()) settle(answers.then((found) => (closed ? STOPPED : found[k])));
  };
  const ask = <T>(lane: number, kind: JobKind, call: Call, accept: (value: unknown) => BoxAnswer<T>) => {
    if (closed || signal?.aborted) return Promise.resolve(STOPPED);
    return new Promise<BoxAnswer<unknown>>((settle) => {
      if (!waiting.has(lane)) queueMicrotask(() => void send(lane));
      waiting.getOrInsert(lane, []).push({ call, kind, settle });
    }).then((answer) => (answer.ok ? accept(answer.value) : answer));
  };
  const simulate = (lane: number, kind: JobKind, window: WindowName, requests: readonly SimulationRequest[]) =>
    ask(lane, kind, { kind: 'simulate', window, requests }, (value) => acceptResults(value, requests));

  return {
    folds: frozen.selection.length,
    simulate: (window, requests) => simulate(0, window === 'train' ? 'train' : 'selection', window, requests),
    surrogates: async (requests) => {
      const lanes = Math.min(asking.processes, Math.ceil(requests.length / LEAST_SHARE));
      const share = Math.ceil(requests.length / lanes);
      const parts = Array.from({ length: lanes }, (_, lane) => requests.slice(lane * share, (lane + 1) * share));
      const asked = parts.flatMap((part, lane) =>
        part.length > 0 ? [simulate(lane, 'surrogates', 'train', part)] : [],
      );
      const answers = await Promise.all(asked);
      const failed = answers.find((answer) => !answer.ok);
      return failed ?? { ok: true, value: answers.flatMap((answer) => (answer.ok ? answer.value : [])) };
    },
    spread: (jobs) => {
      const lanes = Math.max(1, Math.min(asking.processes, jobs.length));
      const own = Array.from({ length: lanes }, (_, lane): Simulate => {
        return (requests) => simulate(lane, 'tuning', 'train', requests);
      });
      return spreadOver(own, jobs);
    },
    allowed: (points) => ask(0, 'tuning', { kind: 'allowed', points }, acceptAllowed(points.length)),
    audit: (params, cuts) => ask(0, 'audit', { kind: 'audit', params, cuts }, acceptAudit),
    close: async () => {
      if (closed) return;
      closed = true;
      const candidate = await stored.catch(() => null);
      if (candidate !== null) await asking.done(candidate);
    },
  };
}

function nameOf({ path: _, ...name }: WindowFile): FrozenName {
  return name;
}
