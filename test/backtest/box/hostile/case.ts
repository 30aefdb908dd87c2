import type { BoxFailure } from '../../../../src/backtest/contract.ts';

/** One hostile candidate: what it tries, where, and how it must end when it runs in the box unchecked. */
export interface Hostile {
  /** What it tries, one property. */
  readonly name: string;
  /** Statements at the top of the file, in decide() and in indicators(). */
  readonly top?: string;
  readonly inside?: string;
  readonly series?: string;
  /**
   * How the evaluation must end. `harmless`: it runs to its end, and the result is that of the honest strategy (or of
   * the one whose decide() begins with `as`), byte for byte, because what it tried had no effect; null: of no other.
   */
  readonly end: BoxFailure['kind'] | 'harmless';
  readonly as?: string | null;
  /** What the failure must say. */
  readonly message?: RegExp;
}
