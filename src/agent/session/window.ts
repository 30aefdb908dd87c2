import type { Usage } from '../client/completion.ts';
import { countTokens } from '../client/endpoint.ts';
import type { Overflow } from '../client/overflow.ts';
import type { SessionSpec } from '../contract.ts';
import { CHARS_PER_TOKEN, estimateTokens } from '../history/fit.ts';
import type { History } from '../history/history.ts';
import type { Served } from './surroundings.ts';

/** What fits: all in tokens. */
export interface Room {
  readonly window: number;
  /** Best guess at the prompt's size. */
  readonly prompt: number;
  /** The uncorrected estimate it rests on. */
  readonly estimate: number;
  /** Longest answer that still fits, at most what was wished for. */
  readonly cap: number;
}

/** Smallest answer worth asking for. */
const FLOOR = 512;
const OVERFLOWS = 5;

/** Keeps prompt and answer within the server's real window, and learns that window and the size of a token. */
export class Window {
  readonly #spec: SessionSpec;
  readonly #model: string;
  #tokens: number;
  /** Whether the server has a /tokenize, as far as is known. */
  #countable: boolean;
  /** Real tokens per estimated token; earlier sessions may have learnt it. */
  #ratio: number;
  #overflows = 0;
  readonly #truncation = new Truncation();
  /** Longest answer still asked for, after refusals that name no window. */
  #longest = Number.POSITIVE_INFINITY;

  constructor(spec: SessionSpec, served: Served) {
    this.#spec = spec;
    this.#model = served.id;
    this.#countable = spec.capabilities?.tokenize !== false;
    this.#ratio = CHARS_PER_TOKEN / (spec.capabilities?.charactersPerToken ?? CHARS_PER_TOKEN);
    this.#tokens = spec.capabilities?.window ?? served.window ?? spec.limits.contextTokens;
  }

  /** Compacts the history until prompt and a useful answer fit, and says how long that answer may be. */
  async fit(history: History, wanted: number, signal: AbortSignal): Promise<Room> {
    const wish = Math.min(wanted, this.#longest);
    const reserve = Math.min(Math.ceil(wish), Math.floor(this.#tokens / 2));
    let room = await this.#measure(history, wish, signal);
    for (const share of [0.6, 0.4, 0.25]) {
      if (room.prompt + Math.max(FLOOR, reserve) <= this.#tokens) break;
      history.compact(share);
      room = await this.#measure(history, wish, signal);
    }
    return room;
  }

  /**
   * A prompt's real size teaches how far the estimate was off. False when the server cut the prompt without a word: the answer rests on
   * half a conversation, and the window is smaller than was thought.
   */
  learn(usage: Usage | null, { prompt, estimate }: Room): boolean {
    const cut = this.#truncation.seen(usage, prompt);
    if (cut !== null) {
      this.#tokens = Math.min(this.#tokens, cut);
      return false;
    }
    const actual = usage?.prompt ?? 0;
    if (actual > 0 && estimate > 0) this.#ratio = Math.min(2, Math.max(0.3, actual / estimate));
    this.#overflows = 0;
    return true;
  }

  /** Tokens of the window, as far as is known. */
  get tokens(): number {
    return this.#tokens;
  }

  /** After "does not fit": believes the server, and asks for less each time. False when nothing is left to take away. */
  shrink(said: Overflow | undefined, history: History): boolean {
    this.#overflows += 1;
    if (this.#overflows > OVERFLOWS) return false;
    if (said?.window) this.#tokens = Math.min(this.#tokens, said.window);
    const estimate = this.#estimate(history);
    // A lower bound says only that the prompt is longer than the limit: the margin grows with every try.
    if (said?.prompt && !said.lowerBound)
      this.#ratio = Math.max(this.#ratio, Math.min(3, said.prompt / Math.max(1, estimate)));
    else this.#ratio = Math.min(3, this.#ratio * 1.3);
    if (said?.promptAlone || this.#overflows > 1) history.compact(1 - 0.2 * this.#overflows);
    if (!said?.window) {
      this.#tokens = Math.floor(this.#tokens * 0.8);
      this.#longest = Math.max(FLOOR, Math.floor(Math.min(this.#longest, this.#spec.sampling.maxTokens) / 2));
    }
    return true;
  }

  async #measure(history: History, wish: number, signal: AbortSignal): Promise<Room> {
    const estimate = this.#estimate(history);
    let prompt = Math.ceil(estimate * this.#ratio);
    // An exact count costs a request, so it is asked for only where the guess is near the edge.
    if (prompt + wish > this.#tokens * 0.75 && this.#countable && this.#overflows === 0) {
      const exact = await countTokens(
        this.#spec.endpoint,
        {
          model: this.#model,
          messages: history.messages(),
          tools: this.#spec.tools.map((tool) => ({ type: 'function', function: tool })),
        },
        signal,
      );
      this.#countable = exact !== null;
      if (exact) {
        prompt = exact.count;
        if (exact.window) this.#tokens = Math.min(this.#tokens, exact.window);
      }
    }
    const cap = Math.max(Math.min(FLOOR, wish), Math.min(Math.ceil(wish), this.#tokens - prompt - 32));
    return { window: this.#tokens, prompt, estimate, cap };
  }

  #estimate(history: History): number {
    return estimateTokens(this.#spec.tools, history.messages());
  }
}

/** A count below this share of what was expected is a prompt that was cut. */
const CUT = 0.6;
/** Small prompts are cut by no server, and their estimates are coarse. */
const SMALL = 1000;
/** After so many cuts that asking for less did not cure, the count itself is taken to be wrong. */
const BELIEVED = 3;

/**
 * Sees a prompt that the server cut without a word, as Ollama does beyond `num_ctx`: `usage.prompt_tokens` is far below the estimate, or
 * stands still while the prompt grows.
 */
class Truncation {
  #last: { actual: number; expected: number } | undefined;
  #inARow = 0;

  /**
   * The window that the server seems to have, in tokens, or null when the prompt was read whole. `expected`: the best guess at the
   * prompt's size, in tokens. Windows are powers of two in practice, so the count is rounded up to the next one.
   */
  seen(usage: Usage | null, expected: number): number | null {
    // Some servers leave out of the count what came from the cache.
    const actual = (usage?.prompt ?? 0) + ((usage?.prompt ?? 0) < (usage?.cached ?? 0) ? (usage?.cached ?? 0) : 0);
    if (actual === 0 || this.#inARow >= BELIEVED) return null;
    const last = this.#last;
    this.#last = { actual, expected };
    const grown = last ? expected - last.expected : 0;
    const stands = last !== undefined && grown > 400 && actual - last.actual < grown * 0.2;
    if (expected - actual < SMALL || !(actual < expected * CUT || stands)) {
      this.#inARow = 0;
      return null;
    }
    this.#inARow += 1;
    return 2 ** Math.ceil(Math.log2(actual));
  }
}
