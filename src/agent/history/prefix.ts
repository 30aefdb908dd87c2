import type { ToolDefinition } from '../contract.ts';
import type { Message } from './message.ts';

/** The prompt in the order in which templates print it: tools, rules, then the turns. Stands for its tokens. */
export function promptText(tools: readonly ToolDefinition[], messages: readonly Message[]): string {
  const lines = messages.map((message) => {
    const calls = (message.tool_calls ?? []).map((call) => `${call.function.name} ${call.function.arguments}`);
    return [`[${message.role}]`, message.reasoning ?? '', message.content ?? '', ...calls].join('\n');
  });
  return [JSON.stringify(tools), ...lines].join('\n');
}

/** Length of the byte-identical beginning of two texts, in characters. */
export function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  return i;
}

/** Keeps count of how much of each prompt repeats the one before: what a prefix cache can serve. */
export class PrefixMeter {
  #previous: string | null = null;
  #shared = 0;
  #total = 0;

  /** Share of this prompt, 0..1; null for the first. */
  add(prompt: string): number | null {
    const previous = this.#previous;
    this.#previous = prompt;
    if (previous === null) return null;
    const shared = sharedLength(previous, prompt);
    this.#shared += shared;
    this.#total += prompt.length;
    return shared / Math.max(1, prompt.length);
  }

  /** Share over all prompts after the first, by length. */
  get share(): number {
    return this.#total === 0 ? 0 : this.#shared / this.#total;
  }
}
