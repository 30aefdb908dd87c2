import type OpenAI from 'openai';
import { type ChatBody, capOf, complete, openClient } from '../client/complete.ts';
import type { Completion } from '../client/completion.ts';
import { FAULT_CLASS, faultOf } from '../client/fault.ts';
import type { History } from '../history/history.ts';
import { promptText } from '../history/prefix.ts';
import { buildBody, type Overlay } from './request.ts';
import { callInError, Retry } from './retry.ts';
import { ABORTED, type Stop, type Surroundings, stopFor } from './surroundings.ts';
import { type Room, Window } from './window.ts';

/** Either the model's answer, or why there will be none. */
export type Asked = { readonly answer: Completion } | { readonly stop: Stop };

/** How the next answer is to be drawn: the overlay of a request, and how much longer than usual the answer may be. */
export type Wish = Omit<Overlay, 'cap'> & { readonly capFactor: number };

/** Sends one request, retrying and degrading it within the session limits. */
export class Exchange {
  readonly #at: Surroundings;
  readonly #window: Window;
  readonly #client: OpenAI;
  readonly #retry: Retry;
  /** The messages of the last request, each as JSON: the transcript shows what came after the first that changed. */
  #sent: readonly string[] = [];
  /** Length of the last request's prompt. */
  #characters = 0;

  constructor(at: Surroundings) {
    this.#at = at;
    this.#window = new Window(at.spec, at.served);
    this.#client = openClient(at.spec.endpoint);
    this.#retry = new Retry(at, this.#window);
  }

  async ask(history: History, wish: Wish): Promise<Asked> {
    const { tally, spec, signal } = this.#at;
    let broken = 0;
    for (;;) {
      const room = await this.#window.fit(history, spec.sampling.maxTokens * wish.capFactor, signal);
      const stop = this.#limit(room);
      if (stop) return { stop };
      const stream = this.#retry.stream && wish.stream && broken % 2 === 0;
      const body = this.#body(
        history,
        { ...wish, stream, seedShift: wish.seedShift + broken, cap: room.cap },
        room.prompt,
      );
      this.#logRequest(body, room.prompt);
      try {
        const answer = await complete(this.#client, body, {
          idleMs: stream ? spec.limits.idleMs : Math.min(290_000, spec.limits.idleMs * 2),
          signal,
        });
        this.#retry.heard();
        tally.spend(answer, room.prompt);
        if (!this.#window.learn(answer.usage, room)) {
          this.#cut(answer, room);
          continue;
        }
        // A count that equals the guess may be the guess, in a replay of a server that counted nothing.
        if (answer.usage?.prompt !== room.prompt) tally.measure(this.#characters, answer.usage?.prompt ?? 0);
        tally.turns += 1;
        this.#retry.answered(broken, stream);
        return { answer };
      } catch (thrown) {
        const fault = faultOf(thrown, false);
        if (fault.kind === 'aborted') return { stop: ABORTED };
        tally.count(FAULT_CLASS[fault.kind]);
        if (fault.kind === 'stream' || fault.kind === 'internal') broken += 1;
        const inError = callInError(fault, capOf(body));
        if (inError) {
          tally.turns += 1;
          tally.spend(inError, room.prompt);
          return { answer: inError };
        }
        const end = await this.#retry.after(fault, broken, body, history);
        if (end) return { stop: end };
      }
    }
  }

  /** Checked before a request is paid for. */
  #limit(room: Room): Stop | null {
    const { tally, spec, signal } = this.#at;
    const { limits } = spec;
    if (signal.aborted) return ABORTED;
    if (tally.turns >= limits.turns) return stopFor('turn_limit', `${tally.turns} of ${limits.turns} turns used`);
    if (tally.milliseconds >= limits.wallMs) return stopFor('wall_limit', `${limits.wallMs} ms used`);
    if (room.prompt + 64 > room.window)
      return stopFor('server_refused', `the brief needs ${room.prompt} tokens, the window holds ${room.window}`);
    const left = limits.tokens - tally.tokens - room.prompt;
    if (left >= 256) return null;
    const need = `${tally.tokens} of ${limits.tokens} tokens used, the next turn needs ${room.prompt + 256}`;
    return stopFor('token_limit', need);
  }

  #body(history: History, overlay: Overlay, prompt: number): ChatBody {
    const { spec, served, tally } = this.#at;
    const left = spec.limits.tokens - tally.tokens - prompt;
    return buildBody(served.id, history.messages(), spec.tools, spec.sampling, this.#retry.shape, {
      ...overlay,
      cap: Math.min(overlay.cap, left),
    });
  }

  /** An answer to a prompt that the server cut is dropped: the next request is shorter. */
  #cut(answer: Completion, room: Room): void {
    const { tally, note } = this.#at;
    tally.count('OVERFLOW');
    tally.recover('compacted');
    const message = `the server read ${answer.usage?.prompt} of about ${room.prompt} tokens and said nothing; its window is taken to be ${this.#window.tokens}`;
    note('note', { fault: 'overflow', message, recovery: 'compacted' });
  }

  #logRequest(body: ChatBody, promptTokens: number): void {
    const { messages, tools: _, ...settings } = body;
    const all = messages as ReturnType<History['messages']>;
    const text = promptText(this.#at.spec.tools, all);
    const prefix = this.#at.tally.prefix.add(text);
    this.#characters = text.length;
    const sent = all.map((message) => JSON.stringify(message));
    const changed = sent.findIndex((message, i) => message !== this.#sent[i]);
    this.#sent = sent;
    this.#at.note('request', {
      turn: this.#at.tally.turns + 1,
      messages: all.length,
      added: changed === -1 ? [] : all.slice(changed),
      promptTokens,
      prefix,
      settings,
    });
  }
}
