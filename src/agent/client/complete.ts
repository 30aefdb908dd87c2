import OpenAI, { APIError } from 'openai';
import { type AwakeLimit, awakeLimit } from '../../base/wait/awake.ts';
import type { Endpoint } from '../contract.ts';
import { Accumulator, type LooseChunk } from './accumulate.ts';
import type { Completion } from './completion.ts';
import { errorIn, readableFetch } from './error-body.ts';
import { faultOf, ModelFault } from './fault.ts';
import { LoopWatch } from './loop-watch.ts';

/** The client proper: no retries of its own, no log, nothing from the environment. */
export function openClient(endpoint: Endpoint): OpenAI {
  return new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: endpoint.apiKey || 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: 24 * 3_600_000,
    logLevel: 'off',
    fetch: readableFetch,
  });
}

export interface CompleteOptions {
  /** No piece of an answer for this long ends the request. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** The body of a chat request. */
export type ChatBody = Record<string, unknown> & { stream: boolean };

/** The cap that a request sets on its answer, in tokens. */
export function capOf(body: ChatBody): number {
  return Number(body.max_tokens ?? body.max_completion_tokens);
}

/** After its finish reason a stream has only usage left to send; some gateways never close it. */
const AFTER_FINISH_MS = 10_000;

/** Sends one request and returns the whole answer. Throws ModelFault and nothing else. */
export async function complete(client: OpenAI, body: ChatBody, options: CompleteOptions): Promise<Completion> {
  using watch = new IdleWatch(options);
  const answer = new Accumulator();
  const cap = capOf(body);
  let started = false;
  let loop: string | null = null;
  try {
    const create = client.chat.completions.create.bind(client.chat.completions) as unknown as Create;
    const response = await create(body, { signal: watch.signal });
    watch.touch();
    if (body.stream) {
      const loopIn = watchLoops();
      for await (const chunk of response as AsyncIterable<LooseChunk>) {
        started = true;
        watch.touch();
        throwError(chunk);
        answer.add(chunk);
        loop = loopIn(answer) ?? overlong(answer, cap);
        if (loop) break;
        if (answer.finish !== null) watch.nearlyDone();
      }
    } else {
      for (const chunk of wholeAnswer(response)) answer.add(chunk);
    }
    // The SDK ends the iteration silently when its request is aborted.
    if (watch.reason && !whole(watch, answer)) throw watch.fault();
  } catch (thrown) {
    if (!whole(watch, answer)) throw watch.reason ? watch.fault(thrown) : faultOf(thrown, started);
  }
  if (body.stream && !started) throw new ModelFault('stream', EMPTY);
  const { content, reasoning, calls, finish, usage } = answer;
  return { content, reasoning, calls, finish, usage, cap, loop, streamed: body.stream };
}

/** Message of the fault for an answer without a byte in it. */
export const EMPTY = 'an answer with nothing in it';

/** A stream that said how it ended and was then left open. */
function whole(watch: IdleWatch, answer: Accumulator): boolean {
  return watch.reason === 'idle' && answer.finish !== null;
}

/** Throws the error that a piece of an answer carries. */
function throwError(chunk: unknown): void {
  const error = errorIn(chunk);
  if (error) throw new APIError(undefined, { message: error.message, code: error.status }, undefined, undefined);
}

type Create = (body: ChatBody, options: { signal: AbortSignal }) => Promise<unknown>;

/** An answer in one piece: JSON, or for servers that stream regardless, the text of the stream. Throws what it carries as an error. */
function wholeAnswer(response: unknown): LooseChunk[] {
  const chunks =
    typeof response === 'string'
      ? [...response.matchAll(/^data: *(\{.*\})\s*$/gm)].map(([, json]) => JSON.parse(json) as LooseChunk)
      : [response as LooseChunk];
  for (const chunk of chunks) throwError(chunk);
  if (response === undefined || response === null || response === '') throw new ModelFault('stream', EMPTY);
  if (chunks.length === 0) throw new ModelFault('stream', 'an answer that is neither JSON nor a stream');
  return chunks;
}

/** A server that does not stop at max_tokens: a token is hardly ever longer than a dozen characters. */
function overlong(answer: Accumulator, cap: number): string | null {
  const length = answer.content.length + answer.reasoning.length + answer.lastArguments.length;
  return length > cap * 16 + 4096 ? `${length} characters, far beyond ${cap} tokens` : null;
}

/** One watch per channel, since each may loop on its own. */
function watchLoops(): (answer: Accumulator) => string | null {
  const [content, reasoning, args] = [new LoopWatch(), new LoopWatch(), new LoopWatch()];
  return (answer) =>
    content.look(answer.content, isProse(answer.content)) ??
    reasoning.look(answer.reasoning, isProse(answer.reasoning)) ??
    args.look(answer.lastArguments, false);
}

/** A call that was left in the text brings a file along. */
function isProse(text: string): boolean {
  return !/<tool_call|<function|```/.test(text);
}

/** Aborts a request that has been silent for too long, or when the session is told to stop. */
class IdleWatch {
  readonly #silence = new AbortController();
  readonly #options: CompleteOptions;
  readonly signal: AbortSignal;
  #limit: AwakeLimit;
  #nearlyDone = false;

  constructor(options: CompleteOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#silence.signal]);
    this.#limit = this.#endAfter(options.idleMs);
  }

  get reason(): 'idle' | 'aborted' | undefined {
    if (this.#silence.signal.aborted) return 'idle';
    return this.#options.signal.aborted ? 'aborted' : undefined;
  }

  touch(): void {
    this.#limit.restart();
  }

  /** The rest of the answer is waited for no longer than a few seconds. */
  nearlyDone(): void {
    if (this.#nearlyDone) return;
    this.#nearlyDone = true;
    this.#limit.clear();
    this.#limit = this.#endAfter(Math.min(AFTER_FINISH_MS, this.#options.idleMs));
  }

  [Symbol.dispose](): void {
    this.#limit.clear();
  }

  fault(cause?: unknown): ModelFault {
    return this.reason === 'aborted'
      ? new ModelFault('aborted', 'aborted by the harness', { cause })
      : new ModelFault('stream', `silent for ${this.#options.idleMs} ms`, { cause });
  }

  /** A machine that slept is no reason to call the server silent. */
  #endAfter(ms: number): AwakeLimit {
    return awakeLimit(ms, () => this.#silence.abort());
  }
}
