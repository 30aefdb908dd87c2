import type { Params } from '../../strategy/candidate.ts';
import { splitMark } from '../compile/marks.ts';
import type {
  Box,
  BoxAnswer,
  BoxFailure,
  CausalityReport,
  FutureReport,
  MemoryReport,
  SimulationRequest,
  SimulationResult,
} from '../contract.ts';
import type { EngineMarket } from '../market.ts';
import { acceptAllowed, acceptFuture, acceptMemory, acceptResults } from './accept.ts';
import type { Channel } from './channel.ts';
import { GRACE_MS, LOAD_MS, type LoadedChild, type LoadOptions, loadChild } from './loaded.ts';
import { type SourcePlaces, splitMap } from './places.ts';
import type { Ask, ChildAnswer } from './protocol.ts';

/** A candidate for a child that has its windows. */
export interface CandidateOptions {
  /** The script that `compileCandidate` made. */
  readonly code: string;
  readonly market: EngineMarket;
  readonly signal?: AbortSignal;
}

/** A child with one window, for one candidate. */
export interface BoxOptions extends Pick<LoadOptions, 'limits' | 'overwrite'>, CandidateOptions {
  /** In the candidate's order of symbols. */
  readonly windowFiles: readonly string[];
}

/** Simulations sent and answered together: enough to hide the messages, few enough that a long sweep needs no more memory. */
const GROUP = 4;

/**
 * Starts an evaluation child, has it load its window and evaluates the candidate in it. Every end is a value: a candidate
 * that throws, hangs, eats memory or sends rubbish gives a failure, and so does every request after it.
 */
export async function openBox(options: BoxOptions): Promise<BoxAnswer<Box>> {
  const { windowFiles, limits, overwrite } = options;
  const loaded = await loadChild({ windows: [windowFiles], limits, overwrite });
  return loaded.ok ? openLoaded(loaded.value, options) : loaded;
}

/** Gives a child that has its windows the one candidate that it will ever see. */
export async function openLoaded(
  { channel, limits, overwrite }: LoadedChild,
  { code, market, signal }: CandidateOptions,
): Promise<BoxAnswer<Box>> {
  const stop = () => void channel.end();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const { stateless, pure, written, script: marked } = splitMark(code);
  const { script, placeOf } = splitMap(marked, written);
  const ask = (request: Ask) => {
    // A group of simulations has the time of each together.
    const share = request.kind === 'simulate' ? request.requests.length : 1;
    const wallMs = limits.wallMs * share;
    return askChild(channel, request, { wallMs, limitMs: wallMs + GRACE_MS + (overwrite ? LOAD_MS : 0) }, placeOf);
  };
  const close = async () => {
    signal?.removeEventListener('abort', stop);
    await channel.end();
  };
  let opened: BoxAnswer<unknown> | undefined;
  try {
    opened = await ask({ kind: 'open', code: script, stateless, pure, print: written?.print, market });
    // A window is read again between questions, where the disk's time is its own: each surrogate is a question.
    return opened.ok ? { ok: true, value: boxOf(channel, ask, { close, group: overwrite ? 1 : GROUP }) } : opened;
  } finally {
    // Also after EvaluationDisturbed: only this function knows the process.
    if (!opened?.ok) await close();
  }
}

function boxOf(
  child: Channel,
  ask: (request: Ask) => Promise<BoxAnswer<unknown>>,
  { close, group: size }: { readonly close: () => Promise<void>; readonly group: number },
): Box {
  let queue: Promise<unknown> = Promise.resolve();
  // One at a time: the child answers in order, and the wall limit of a request starts when it does.
  const inOrder = <T>(request: Ask, accept: (value: unknown) => BoxAnswer<T>): Promise<BoxAnswer<T>> => {
    const answer = queue.then(async () => {
      const got = await ask(request);
      const accepted = got.ok ? accept(got.value) : got;
      if (!accepted.ok && accepted.kind === 'protocol') await child.end(accepted);
      return accepted;
    });
    queue = answer;
    return answer;
  };
  const future = (params: Params, cuts: number, seed: number): Promise<BoxAnswer<FutureReport>> =>
    inOrder({ kind: 'future', params, cuts, seed }, acceptFuture);
  const memory = (params: Params, seed: number): Promise<BoxAnswer<MemoryReport>> =>
    inOrder({ kind: 'memory', params, seed }, acceptMemory);
  return {
    simulate: async (requests: readonly SimulationRequest[], window = 0): Promise<BoxAnswer<SimulationResult[]>> => {
      const groups: (readonly SimulationRequest[])[] = [];
      for (let at = 0; at < requests.length; at += size) groups.push(requests.slice(at, at + size));
      const results: SimulationResult[] = [];
      for (const group of groups) {
        const answer = await inOrder({ kind: 'simulate', requests: group, window }, (value) =>
          acceptResults(value, group),
        );
        if (!answer.ok) return answer;
        results.push(...answer.value);
      }
      return { ok: true, value: results };
    },
    future,
    memory,
    audit: (params, cuts, seed) =>
      auditOf(
        () => future(params, cuts, seed),
        () => memory(params, seed),
      ),
    allowed: (points: readonly Params[]): Promise<BoxAnswer<boolean[]>> =>
      inOrder({ kind: 'allowed', points }, acceptAllowed(points.length)),
    close,
  };
}

/** Both parts of an audit as one report; one that knows the future is not asked what it remembers. */
export async function auditOf(
  future: () => Promise<BoxAnswer<FutureReport>>,
  memory: () => Promise<BoxAnswer<MemoryReport>>,
): Promise<BoxAnswer<CausalityReport>> {
  const found = await future();
  if (!found.ok || found.value.leak) return found;
  const remembered = await memory();
  return remembered.ok ? { ok: true, value: { ...found.value, memory: remembered.value } } : remembered;
}

async function askChild(
  child: Channel,
  ask: Ask,
  { wallMs, limitMs }: { readonly wallMs: number; readonly limitMs: number },
  placeOf: SourcePlaces,
): Promise<BoxAnswer<unknown>> {
  const answer = await child.ask(ask, wallMs, limitMs);
  return answer.ok ? answer : named(answer, placeOf);
}

/** A failure with the author's line in front where the child knew the place. */
function named(failure: Extract<ChildAnswer, { ok: false }>, placeOf: SourcePlaces): BoxFailure {
  const place = failure.place && placeOf(failure.place.line, failure.place.column);
  return { ok: false, kind: failure.kind, message: place ? `line ${place}: ${failure.message}` : failure.message };
}
