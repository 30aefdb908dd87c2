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

/** What a session's counts say about the server: one line per change that would help, with the flag. */
export function adviceFor({ classes, recoveries, turns }: Tally): string[] {
  const often = (kind: TurnClass, share: number) => (classes[kind] ?? 0) > share * Math.max(1, turns);
  return [
    often('SALVAGED', 0.1) &&
      'calls arrive as text: check --enable-auto-tool-choice and --tool-call-parser (qwen3_xml for Qwen3-Coder and 3.5+, hermes for Qwen3)',
    often('EMPTY_TURN', 0.15) && 'many empty answers: use temperature 0.6, or start with thinking off',
    often('TRUNCATED', 0.15) && 'many answers are cut: raise sampling.maxTokens, or turn thinking off',
    recoveries.compacted && 'the window was too small: raise --max-model-len',
    often('STREAM_ERROR', 0.15) && 'streams break: vLLM 0.24 or newer, and no speculative decoding (MTP, ngram)',
    often('MALFORMED_ARGS', 0.2) && 'arguments arrive damaged: turn speculative decoding off; run doctor',
    often('TEMPLATE_400', 0) &&
      'the chat template refuses ordinary histories: serve with --chat-template vllm/qwen3-tools.jinja',
    often('SERVER_DOWN', 0) &&
      'the server was away: run it under a supervisor (vllm/ralph-vllm.service) and restart it',
  ].filter((line) => typeof line === 'string');
}
