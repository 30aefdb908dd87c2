import { compact } from './fit.ts';
import { type LooseMessage, type Message, type MessageCall, note } from './message.ts';
import { normalise } from './normalise.ts';

/** The session's memory. What is added may be of any shape; what is sent is always normal. */
export class History {
  readonly #start: { system: string; task: string };
  #messages: LooseMessage[];

  constructor(start: { system: string; task: string }) {
    this.#start = start;
    this.#messages = [
      { role: 'system', content: start.system },
      { role: 'user', content: start.task },
    ];
  }

  add(...messages: LooseMessage[]): void {
    this.#messages.push(...messages);
  }

  /** A word of the harness to the model, not a new query. */
  note(text: string): void {
    this.#messages.push(note(text));
  }

  /** How many messages are remembered; `rewind` goes back to it. */
  get length(): number {
    return this.#messages.length;
  }

  /** Takes out what was added since there were `length` messages. */
  rewind(length: number): void {
    this.#messages = this.#messages.slice(0, length);
  }

  /** Takes calls out, each with its answer, and turns that have no other call. */
  forget(gone: (call: MessageCall, answer: string) => boolean): void {
    const answers = new Map(this.#messages.map(({ tool_call_id, content }) => [tool_call_id, String(content ?? '')]));
    const out = new Set<unknown>();
    const turns = this.#messages.flatMap((message) => {
      const calls = (message.tool_calls ?? []) as readonly MessageCall[];
      const left = calls.filter((call) => !gone(call, answers.get(call.id) ?? ''));
      if (left.length === calls.length) return [message];
      for (const { id } of calls) if (!left.some((call) => call.id === id)) out.add(id);
      return left.length > 0 ? [{ ...message, tool_calls: left }] : [];
    });
    this.#messages = turns.filter(({ role, tool_call_id }) => role !== 'tool' || !out.has(tool_call_id));
  }

  messages(): Message[] {
    return normalise(this.#messages, this.#start);
  }

  /** Shortens what is remembered to about this share of its size, for good: later prompts keep their prefix. */
  compact(share: number): void {
    this.#messages = compact(this.messages(), share);
  }
}
