import type { Completion } from '../client/completion.ts';
import type { Recovery, SessionEnd, SessionEndReason, TurnClass, Wire } from '../contract.ts';
import { PrefixMeter } from '../history/prefix.ts';

/** Everything a session counts. */
export class Tally {
  readonly #started = performance.now();
  readonly #asleepMs: () => number;
  readonly prefix = new PrefixMeter();
  readonly classes: Partial<Record<TurnClass, number>> = {};
  readonly recoveries: Partial<Record<Recovery, number>> = {};
  wire: Wire = 'tools';
  turns = 0;
  toolCalls = 0;
  promptTokens = 0;
  completionTokens = 0;
  readonly #counted = { characters: 0, tokens: 0 };

  /** `asleepMs`: how long the machine has slept since; it is taken off the wall clock. */
  constructor(asleepMs: () => number = () => 0) {
    this.#asleepMs = asleepMs;
  }

  count(kind: TurnClass): void {
    this.classes[kind] = (this.classes[kind] ?? 0) + 1;
  }

  recover(recovery: Recovery): void {
    this.recoveries[recovery] = (this.recoveries[recovery] ?? 0) + 1;
  }

  /** Books an answer; where the server gave no usage, sizes are estimated so that a budget still means something. */
  spend(answer: Completion, estimatedPrompt: number): void {
    this.promptTokens += answer.usage?.prompt || estimatedPrompt;
    this.completionTokens += completionTokensOf(answer);
  }

  /** Notes how many tokens the server counted in a prompt of so many characters. */
  measure(characters: number, tokens: number): void {
    if (tokens <= 0) return;
    this.#counted.characters += characters;
    this.#counted.tokens += tokens;
  }

  /** Characters for each token of the prompts that the server counted, to one place; null where it counts none. */
  get charactersPerToken(): number | null {
    const { characters, tokens } = this.#counted;
    return tokens > 0 ? Math.round((characters / tokens) * 10) / 10 : null;
  }

  get tokens(): number {
    return this.promptTokens + this.completionTokens;
  }

  get milliseconds(): number {
    return performance.now() - this.#started - this.#asleepMs();
  }

  end(reason: SessionEndReason, detail: string, advice: readonly string[]): SessionEnd {
    return {
      reason,
      detail,
      turns: this.turns,
      toolCalls: this.toolCalls,
      promptTokens: this.promptTokens,
      completionTokens: this.completionTokens,
      prefixShare: this.prefix.share,
      classes: { ...this.classes },
      ...(this.charactersPerToken === null ? {} : { charactersPerToken: this.charactersPerToken }),
      wire: this.wire,
      seconds: this.milliseconds / 1000,
      recoveries: { ...this.recoveries },
      advice,
    };
  }
}

/** Tokens of an answer as the server counted them, or a guess from its length. */
export function completionTokensOf({ usage, content, reasoning, calls }: Completion): number {
  const length = calls.reduce((sum, call) => sum + call.arguments.length, content.length + reasoning.length);
  return usage?.completion ?? Math.ceil(length / 3.2);
}
