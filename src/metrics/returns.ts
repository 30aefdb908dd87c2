import type { SimulationResult } from '../backtest/contract.ts';
import { orNull } from './undefined.ts';

/** Crypto trades every day. */
export const DAYS_A_YEAR = 365;

/**
 * Changes of a level from entry to entry as fractions, the first against `start`: one value a level. Once a level is 0
 * nothing is left to gain or lose, and the returns after it are 0.
 */
export function returnsOf(levels: ArrayLike<number>, start: number): Float64Array {
  const returns = new Float64Array(levels.length);
  let before = start;
  for (let i = 0; i < returns.length; i++) {
    returns[i] = before > 0 ? levels[i] / before - 1 : 0;
    before = levels[i];
  }
  return returns;
}

/** Net mark-to-market return of every UTC day of the range as a fraction; a day without a bar returns 0. */
export function dailyReturns(result: SimulationResult): Float64Array {
  return returnsOf(result.dayEquity, result.cash);
}

/** The same for the benchmark: the candidate's symbols at equal weights, bought at the first open and held, no costs. */
export function benchmarkReturns(result: SimulationResult): Float64Array {
  return returnsOf(result.dayBenchmark, 1);
}

/** Mean loss of the worst 5% of the returns, as a positive fraction (Acerbi & Tasche 2002). Null without returns. */
export function expectedShortfall(returns: Float64Array, share = 0.05): number | null {
  const worst = returns.toSorted().subarray(0, Math.ceil(returns.length * share));
  return orNull(-worst.reduce((sum, value) => sum + value, 0) / worst.length);
}
