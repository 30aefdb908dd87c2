import { realpathSync } from 'node:fs';
import type { Params } from '../../strategy/candidate.ts';
import { splitMark } from '../compile/marks.ts';
import type { Box, BoxAnswer, BoxFailure, CausalityReport, SimulationRequest, SimulationResult } from '../contract.ts';
import type { EngineMarket } from '../market.ts';
import { acceptAudit, acceptResults } from './accept.ts';
import { childBundle } from './bundle.ts';
import { type Channel, openChannel } from './channel.ts';
import { type SourcePlaces, splitMap } from './places.ts';
import type { Ask, ChildAnswer } from './protocol.ts';

export interface BoxOptions {
  /** The script that `compileCandidate` made. */
  readonly code: string;
  /** Window files, in the candidate's order of symbols: all that the child may read. */
  readonly windowFiles: readonly string[];
  readonly market: EngineMarket;
  /** Wall time of one simulation or audit, and the size of the child's heap. */
  readonly limits: { readonly wallMs: number; readonly heapMb: number };
  readonly signal?: AbortSignal;
}

/** Simulations sent and answered together: enough to hide the messages, few enough that a long sweep needs no more memory. */
const GROUP = 4;
/** How much later than the child's own watchdog the harness loses patience. */
const GRACE_MS = 250;

/**
 * Starts an evaluation child, evaluates the candidate in it and loads its windows. Every end is a value: a candidate
 * that throws, hangs, eats memory or sends rubbish gives a failure, and so does every request after it.
 */
export async function openBox(options: BoxOptions): Promise<BoxAnswer<Box>> {
  const { stateless, script: marked } = splitMark(options.code);
  const { script, placeOf } = splitMap(marked);
  // The child works in another folder and may read the real files alone.
  const windowFiles = options.windowFiles.map((path) => realpathSync(path));
  const child = openChannel(await childBundle(), { ...options, windowFiles });
  const ask = (request: Ask) => {
    // A group of simulations has the time of each together.
    const share = request.kind === 'simulate' ? request.requests.length : 1;
    return askChild(child, request, options.limits.wallMs * share, placeOf);
  };
  const opened = await ask({
    kind: 'open',
    code: script,
    stateless,
    windowFiles,
    market: options.market,
  });
  if (!opened.ok) {
    await child.end();
    return opened;
  }
  return { ok: true, value: boxOf(child, ask) };
}

function boxOf(child: Channel, ask: (request: Ask) => Promise<BoxAnswer<unknown>>): Box {
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
  return {
    simulate: async (requests: readonly SimulationRequest[]): Promise<BoxAnswer<SimulationResult[]>> => {
      const groups: (readonly SimulationRequest[])[] = [];
      for (let at = 0; at < requests.length; at += GROUP) groups.push(requests.slice(at, at + GROUP));
      const results: SimulationResult[] = [];
      for (const group of groups) {
        const answer = await inOrder({ kind: 'simulate', requests: group }, (value) => acceptResults(value, group));
        if (!answer.ok) return answer;
        results.push(...answer.value);
      }
      return { ok: true, value: results };
    },
    audit: (params: Params, cuts: number, seed: number): Promise<BoxAnswer<CausalityReport>> =>
      inOrder({ kind: 'audit', params, cuts, seed }, acceptAudit),
    close: () => child.end(),
  };
}

async function askChild(child: Channel, ask: Ask, wallMs: number, placeOf: SourcePlaces): Promise<BoxAnswer<unknown>> {
  const answer = await child.ask(ask, wallMs, wallMs + GRACE_MS);
  return answer.ok ? answer : named(answer, placeOf);
}

/** A failure with the author's line in front where the child knew the place. */
function named(failure: Extract<ChildAnswer, { ok: false }>, placeOf: SourcePlaces): BoxFailure {
  const place = failure.place && placeOf(failure.place.line, failure.place.column);
  return { ok: false, kind: failure.kind, message: place ? `line ${place}: ${failure.message}` : failure.message };
}
