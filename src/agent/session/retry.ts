import { type ChatBody, complete, EMPTY, openClient } from '../client/complete.ts';
import type { Completion } from '../client/completion.ts';
import { faultOf, LOADING, ModelFault } from '../client/fault.ts';
import type { Capabilities, Endpoint, Recovery } from '../contract.ts';
import type { History } from '../history/history.ts';
import { Patience, pause } from './patience.ts';
import { type RequestShape, refusedParameters, simpler } from './request.ts';
import { type Stop, type Surroundings, stopFor } from './surroundings.ts';
import type { Window } from './window.ts';

const BROKEN_ANSWERS = 5;
/** So many answers that came only without streaming, and streaming is left off for good. */
const BROKEN_STREAMS = 2;

const HANGS = 'the engine hangs: not even one token comes; restart the server';

/** What a fault changes: the shape of the next request, a pause before it, or the end of the session. */
export class Retry {
  readonly #at: Surroundings;
  readonly #window: Window;
  readonly #patience: Patience;
  shape: RequestShape;
  /** Whether answers are streamed. */
  stream: boolean;
  #brokenStreams = 0;
  #lastError = '';

  constructor(at: Surroundings, window: Window) {
    this.#at = at;
    this.#window = window;
    this.#patience = new Patience(at.spec.limits);
    const { extras = true, stream = true, refuses = [] } = at.spec.capabilities ?? {};
    this.shape = { extras, tools: 'full', history: 'turns', without: refuses };
    this.stream = stream;
  }

  /** An answer came: the next wait begins small again. */
  heard(): void {
    this.#patience.reset();
  }

  /** What works only without streaming is asked without it from then on. */
  answered(broken: number, streamed: boolean): void {
    if (streamed) this.#brokenStreams = 0;
    else if (broken > 0) this.#brokenStreams += 1;
    if (this.stream && this.#brokenStreams >= BROKEN_STREAMS) {
      this.stream = false;
      this.#learned({ stream: false });
    }
  }

  /** Kept by the harness for the sessions after this one. */
  #learned(learned: Capabilities): void {
    this.#at.note('note', { learned });
  }

  /** Makes the next request one that may succeed; the reason to end the session when there is none. */
  async after(thrown: ModelFault, broken: number, body: ChatBody, history: History): Promise<Stop | null> {
    const fault = repeated(thrown, this.#lastError, broken);
    this.#lastError = thrown.message;
    const { tally, spec, signal } = this.#at;
    const short = fault.message.slice(0, 200);
    switch (fault.kind) {
      case 'stream':
      case 'internal': {
        if (/^silent/.test(fault.message) && !(await this.#isAlive())) return this.#wait(new ModelFault('down', HANGS));
        // Some servers answer a prompt that does not fit with nothing at all.
        if (fault.message === EMPTY && broken > 1) {
          this.#window.shrink(undefined, history);
          tally.count('OVERFLOW');
          tally.recover('compacted');
        }
        if (broken >= BROKEN_ANSWERS)
          return stopFor('server_down', `${broken} broken answers in a row (${short}); restart the server`);
        const recovery = broken % 2 === 1 ? 'unstreamed' : 'retried';
        this.#did(recovery, fault, 500);
        if (broken > 1) await pause(this.#patience.step(), signal);
        return null;
      }
      case 'down':
      case 'busy':
        return this.#wait(fault);
      case 'overflow':
        this.#did('compacted', fault, 500);
        // What the server says of itself when it is asked outweighs one refusal: a gateway may name any number.
        if (fault.overflow?.window && spec.capabilities?.window === undefined)
          this.#learned({ window: fault.overflow.window });
        if (this.#window.shrink(fault.overflow, history)) return null;
        return stopFor('server_refused', `does not fit the window: ${short}`);
      case 'fatal':
        return stopFor('server_refused', `${spec.endpoint.baseUrl} refuses: ${short}`);
      default: {
        const next = fault.kind === 'aborted' ? null : this.#simpler(fault, fault.kind, body);
        const reason = (fault.status ?? 400) >= 500 ? 'server_down' : 'server_refused';
        if (!next) return stopFor(reason, `every form of the request was refused: ${short}`);
        this.shape = next;
        this.#did('simplified', fault, 500);
        return null;
      }
    }
  }

  /** Without the parameters that the refusal names; where it names none, one step down the ladder. */
  #simpler(fault: ModelFault, kind: Parameters<typeof simpler>[1], body: ChatBody): RequestShape | null {
    const named = kind === 'schema' || kind === 'template' ? [] : refusedParameters(fault.message, body);
    if (named.length === 0) return simpler(this.shape, kind);
    const without = [...(this.shape.without ?? []), ...named];
    this.#learned({ refuses: without });
    return { ...this.shape, without };
  }

  /** Counts what was done about a fault, and tells it with the first `letters` of the server's words. */
  #did(recovery: Recovery, { kind, message }: ModelFault, letters: number, more = {}): void {
    this.#at.tally.recover(recovery);
    this.#at.note('note', { fault: kind, message: message.slice(0, letters), recovery, ...more });
  }

  #isAlive(): Promise<boolean> {
    const { spec, served, signal } = this.#at;
    return isAlive(spec.endpoint, served.id, spec.limits.aliveMs ?? ALIVE_MS, signal);
  }

  async #wait(fault: ModelFault): Promise<Stop | null> {
    const { tally, spec, signal, restart } = this.#at;
    // A server that is loading is left alone.
    const dead =
      fault.message === HANGS || (fault.kind === 'down' && this.#patience.restartDue && !LOADING.test(fault.message));
    if (dead && restart && (await restart(fault.message.slice(0, 200)))) {
      this.#did('restarted', fault, 200);
      // A model takes minutes to load.
      this.#patience.reset();
    }
    const ms = this.#patience.next(fault.retryAfterMs, spec.limits.wallMs - tally.milliseconds);
    const message = fault.message.slice(0, 200);
    if (ms === null) return stopFor('server_down', `no answer from ${spec.endpoint.baseUrl}: ${message}`);
    this.#did('waited', fault, 200, { ms });
    await pause(ms, signal);
    return null;
  }
}

/** The same 500 twice is no accident: the request has to change. */
function repeated(fault: ModelFault, last: string, broken: number): ModelFault {
  if (fault.kind !== 'internal' || broken < 2 || fault.message !== last) return fault;
  return new ModelFault('refused', fault.message, { status: fault.status, cause: fault });
}

/** llama.cpp answers 500 and quotes the whole text that it could not parse: if that ends in a closed call, it is the answer. */
export function callInError(fault: ModelFault, cap: number): Completion | null {
  const raw = (fault.cause as { error?: { message?: unknown } } | undefined)?.error?.message;
  const text = typeof raw === 'string' ? /parse[^:]*:\s*([\s\S]*<\/tool_call>)\s*$/i.exec(raw)?.[1] : undefined;
  if (fault.kind !== 'internal' || text === undefined) return null;
  return { content: text, reasoning: '', calls: [], finish: 'stop', usage: null, cap, loop: null, streamed: false };
}

/** A busy server answers one token within this time; /health stays green on one that hangs. */
const ALIVE_MS = 60_000;

/** True when the engine still makes a token, or at least refuses in words. A server that says nothing is dead. */
export async function isAlive(
  endpoint: Endpoint,
  model: string,
  idleMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const body = { model, messages: [{ role: 'user', content: 'Say: ok' }], max_tokens: 1, stream: false };
  try {
    await complete(openClient(endpoint), body, { idleMs, signal });
    return true;
  } catch (thrown) {
    return !['down', 'stream'].includes(faultOf(thrown, false).kind);
  }
}
