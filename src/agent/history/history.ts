import { compact } from './fit.ts';
import { type LooseMessage, type Message, note } from './message.ts';
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

  messages(): Message[] {
    return normalise(this.#messages, this.#start);
  }

  /** Shortens what is remembered to about this share of its size, for good: later prompts keep their prefix. */
  compact(share: number): void {
    this.#messages = compact(this.messages(), share);
  }
}
