import type { Usage } from '../client/completion.ts';

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
export class Truncation {
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
