import { HIGH, LOW, STEP } from '../minute/tape.ts';
import type { Marks } from './marks.ts';

/** An account worth more than this share of its positions at their worst prices cannot be used up: far above any rounding. */
export const ROUNDING = 1e-9;

/**
 * Whether no price of a minute, nor the close before it, can use the account up as it stands. `minutes`: the one of each symbol that is being
 * played, -1 for none.
 */
export function isSafe(
  cash: number,
  { position, last, shorts }: Marks,
  tapes: readonly Float64Array[],
  minutes: Int32Array,
): boolean {
  // What is paid for is worth something at any price.
  if (cash > 0 && shorts === 0) return true;
  let worst = cash;
  let gross = 0;
  for (let s = 0; s < position.length; s++) {
    const units = position[s];
    if (units === 0) continue;
    const m = minutes[s];
    const price = m < 0 ? last[s] : tapes[s][m * STEP + (units > 0 ? LOW : HIGH)];
    const value = units * (units > 0 ? Math.min(price, last[s]) : Math.max(price, last[s]));
    worst += value;
    gross += Math.abs(value);
  }
  return worst > ROUNDING * gross;
}
