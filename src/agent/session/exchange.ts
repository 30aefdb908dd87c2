import type OpenAI from 'openai';
import { isAlive } from '../client/alive.ts';
import { type ChatBody, capOf, complete, EMPTY, openClient } from '../client/complete.ts';
import type { Completion } from '../client/completion.ts';
import { FAULT_CLASS, faultOf, ModelFault } from '../client/fault.ts';
import { refusedParameters } from '../client/parameters.ts';
import type { Capabilities, SessionSpec, TranscriptEntry } from '../contract.ts';
import type { History } from '../history/history.ts';
import { promptText } from '../history/prefix.ts';
import { Patience, pause } from './patience.ts';
import { buildBody, type Overlay, type RequestShape, simpler } from './request.ts';
import type { Stop } from './stop.ts';
import type { Tally } from './tally.ts';
import type { Room, Window } from './window.ts';

/** Either the model's answer, or why there will be none. */
export type Asked = { readonly answer: Completion } | { readonly stop: Stop };

/** How the next answer is to be drawn: the overlay of a request, and how much longer than usual the answer may be. */
export type Wish = Omit<Overlay, 'cap'> & { readonly capFactor: number };

interface Surroundings {
  readonly spec: SessionSpec;
  readonly model: string;
  readonly history: History;
  readonly tally: Tally;
  readonly window: Window;
  readonly signal: AbortSignal;
  readonly note: (kind: TranscriptEntry['kind'], data: unknown) => void;
}

const BROKEN_ANSWERS = 5;
/** So many answers that came only without streaming, and streaming is left off for good. */
const BROKEN_STREAMS = 2;

/** Sends one request, retrying and degrading it within the session limits. */
export class Exchange {
  readonly #at: Surroundings;
  #history: History;
  readonly #client: OpenAI;
  readonly #patience: Patience;
  #shape: RequestShape;
  #stream: boolean;
  #brokenStreams = 0;
  #lastError = '';
  #sent = 0;

  constructor(at: Surroundings) {
    this.#at = at;
    this.#history = at.history;
    this.#client = openClient(at.spec.endpoint);
    this.#patience = new Patience(at.spec.limits);
    const { extras = true, stream = true, refuses = [] } = at.spec.capabilities ?? {};
    this.#shape = { extras, tools: 'full', history: 'turns', without: refuses };
    this.#stream = stream;
  }

  /** Goes on with other messages, as the blocks wire does with every request. */
  about(history: History): this {
    this.#history = history;
    // The system text stays; the transcript shows it once.
    this.#sent = Math.min(this.#sent, 1);
    return this;
  }

  async ask(wish: Wish): Promise<Asked> {
    const { tally, spec } = this.#at;
    let broken = 0;
    for (;;) {
      const room = await this.#at.window.fit(this.#history, spec.sampling.maxTokens * wish.capFactor, this.#at.signal);
      const stop = this.#limit(room);
      if (stop) return { stop };
      const stream = this.#stream && wish.stream && broken % 2 === 0;
      const body = this.#body({ ...wish, stream, seedShift: wish.seedShift + broken, cap: room.cap }, room.prompt);
      this.#logRequest(body, room.prompt);
      try {
        const answer = await complete(this.#client, body, {
          idleMs: stream ? spec.limits.idleMs : Math.min(290_000, spec.limits.idleMs * 2),
          signal: this.#at.signal,
        });
        this.#patience.reset();
        tally.spend(answer, room.prompt);
        if (!this.#at.window.learn(answer.usage, room)) {
          this.#cut(answer, room);
          continue;
        }
        tally.turns += 1;
        this.#learnStream(broken, stream);
        return { answer };
      } catch (thrown) {
        const fault = faultOf(thrown, false);
        if (fault.kind === 'aborted') return { stop: { reason: 'aborted', detail: 'aborted by the harness' } };
        tally.count(FAULT_CLASS[fault.kind]);
        if (fault.kind === 'stream' || fault.kind === 'internal') broken += 1;
        const inError = callInError(fault, capOf(body));
        if (inError) {
          tally.turns += 1;
          tally.spend(inError, room.prompt);
          return { answer: inError };
        }
        const end = await this.#recover(repeated(fault, this.#lastError, broken), broken, body);
        this.#lastError = fault.message;
        if (end) return { stop: end };
      }
    }
  }

  /** Checked before a request is paid for. */
  #limit(room: Room): Stop | null {
    const { tally, spec, signal } = this.#at;
    const { limits } = spec;
    if (signal.aborted) return { reason: 'aborted', detail: 'aborted by the harness' };
    if (tally.turns >= limits.turns)
      return { reason: 'turn_limit', detail: `${tally.turns} of ${limits.turns} turns used` };
    if (tally.milliseconds >= limits.wallMs) return { reason: 'wall_limit', detail: `${limits.wallMs} ms used` };
    if (room.prompt + 64 > room.window) {
      return {
        reason: 'server_refused',
        detail: `the brief needs ${room.prompt} tokens, the window holds ${room.window}`,
      };
    }
    const left = limits.tokens - tally.tokens - room.prompt;
    if (left < 256)
      return {
        reason: 'token_limit',
        detail: `${tally.tokens} of ${limits.tokens} tokens used, the next turn needs ${room.prompt + 256}`,
      };
    return null;
  }

  #body(overlay: Overlay, prompt: number): ChatBody {
    const { spec, model, tally } = this.#at;
    const left = spec.limits.tokens - tally.tokens - prompt;
    return buildBody(model, this.#history.messages(), spec.tools, spec.sampling, this.#shape, {
      ...overlay,
      cap: Math.min(overlay.cap, left),
    });
  }

  /** An answer to a prompt that the server cut is dropped: the next request is shorter. */
  #cut(answer: Completion, room: Room): void {
    const { tally, note, window } = this.#at;
    tally.count('OVERFLOW');
    tally.recover('compacted');
    const message = `the server read ${answer.usage?.prompt} of about ${room.prompt} tokens and said nothing; its window is taken to be ${window.tokens}`;
    note('note', { fault: 'overflow', message, recovery: 'compacted' });
  }

  /** What works only without streaming is asked without it from then on. */
  #learnStream(broken: number, streamed: boolean): void {
    if (streamed) this.#brokenStreams = 0;
    else if (broken > 0) this.#brokenStreams += 1;
    if (this.#stream && this.#brokenStreams >= BROKEN_STREAMS) {
      this.#stream = false;
      this.#learned({ stream: false });
    }
  }

  /** Kept by the harness for the sessions after this one. */
  #learned(learned: Capabilities): void {
    this.#at.note('note', { learned });
  }

  /** Makes the next request one that may succeed; the reason to end the session when there is none. */
  async #recover(fault: ModelFault, broken: number, body: ChatBody): Promise<Stop | null> {
    const { tally, spec, signal, note } = this.#at;
    const tell = (what: string) =>
      note('note', { fault: fault.kind, message: fault.message.slice(0, 500), recovery: what });
    switch (fault.kind) {
      case 'stream':
      case 'internal': {
        if (/^silent/.test(fault.message) && !(await isAlive(spec.endpoint, this.#at.model, signal))) {
          return this.#wait(new ModelFault('down', 'the engine hangs: not even one token comes; restart the server'));
        }
        // Some servers answer a prompt that does not fit with nothing at all.
        if (fault.message === EMPTY && broken > 1) {
          this.#at.window.shrink(undefined, this.#history);
          tally.count('OVERFLOW');
          tally.recover('compacted');
        }
        if (broken >= BROKEN_ANSWERS) {
          return {
            reason: 'server_down',
            detail: `${broken} broken answers in a row (${fault.message.slice(0, 200)}); restart the server`,
          };
        }
        const recovery = broken % 2 === 1 ? 'unstreamed' : 'retried';
        tally.recover(recovery);
        tell(recovery);
        if (broken > 1) await pause(this.#patience.step(), signal);
        return null;
      }
      case 'down':
      case 'busy':
        return this.#wait(fault);
      case 'overflow':
        tally.recover('compacted');
        tell('compacted');
        if (fault.overflow?.window) this.#learned({ window: fault.overflow.window });
        return this.#at.window.shrink(fault.overflow, this.#history)
          ? null
          : { reason: 'server_refused', detail: `does not fit the window: ${fault.message.slice(0, 200)}` };
      case 'fatal':
        return { reason: 'server_refused', detail: `${spec.endpoint.baseUrl} refuses: ${fault.message.slice(0, 200)}` };
      default: {
        const next = fault.kind === 'aborted' ? null : this.#simpler(fault, fault.kind, body);
        if (!next)
          return {
            reason: (fault.status ?? 400) >= 500 ? 'server_down' : 'server_refused',
            detail: `every form of the request was refused: ${fault.message.slice(0, 200)}`,
          };
        this.#shape = next;
        tally.recover('simplified');
        tell('simplified');
        return null;
      }
    }
  }

  /** Without the parameters that the refusal names; where it names none, one step down the ladder. */
  #simpler(fault: ModelFault, kind: Parameters<typeof simpler>[1], body: ChatBody): RequestShape | null {
    const named = kind === 'schema' || kind === 'template' ? [] : refusedParameters(fault.message, body);
    if (named.length === 0) return simpler(this.#shape, kind);
    const without = [...(this.#shape.without ?? []), ...named];
    this.#learned({ refuses: without });
    return { ...this.#shape, without };
  }

  async #wait(fault: ModelFault): Promise<Stop | null> {
    const { tally, spec, signal, note } = this.#at;
    const ms = this.#patience.next(fault.retryAfterMs, spec.limits.wallMs - tally.milliseconds);
    const message = fault.message.slice(0, 200);
    if (ms === null) return { reason: 'server_down', detail: `no answer from ${spec.endpoint.baseUrl}: ${message}` };
    tally.recover('waited');
    note('note', { fault: fault.kind, message, recovery: 'waited', ms });
    await pause(ms, signal);
    return null;
  }

  #logRequest(body: ChatBody, promptTokens: number): void {
    const { messages, tools: _, ...settings } = body;
    const all = messages as ReturnType<History['messages']>;
    const prefix = this.#at.tally.prefix.add(promptText(this.#at.spec.tools, all));
    const fresh = all.length >= this.#sent ? all.slice(this.#sent) : all;
    this.#sent = all.length;
    this.#at.note('request', {
      turn: this.#at.tally.turns + 1,
      messages: all.length,
      added: fresh,
      promptTokens,
      prefix,
      settings,
    });
  }
}

/** The same 500 twice is no accident: the request has to change. */
function repeated(fault: ModelFault, last: string, broken: number): ModelFault {
  if (fault.kind !== 'internal' || broken < 2 || fault.message !== last) return fault;
  return new ModelFault('refused', fault.message, { status: fault.status, cause: fault });
}

/** llama.cpp answers 500 and quotes the whole text that it could not parse: if that ends in a closed call, it is the answer. */
function callInError(fault: ModelFault, cap: number): Completion | null {
  const raw = (fault.cause as { error?: { message?: unknown } } | undefined)?.error?.message;
  const text = typeof raw === 'string' ? /parse[^:]*:\s*([\s\S]*<\/tool_call>)\s*$/i.exec(raw)?.[1] : undefined;
  if (fault.kind !== 'internal' || text === undefined) return null;
  return { content: text, reasoning: '', calls: [], finish: 'stop', usage: null, cap, loop: null, streamed: false };
}
