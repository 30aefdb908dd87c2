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

/** What every UTC day brought, quote money. */
export function dayProfits({ dayEquity, cash }: SimulationResult): Float64Array {
  return dayEquity.map((equity, day) => equity - (day === 0 ? cash : dayEquity[day - 1]));
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

/**
 * Compound annual growth as a fraction: (end / start)^(365 / days) - 1. Null for no days or no starting money, -1 for ruin.
 * Math.pow may differ in its last bit from machine to machine, so this number is printed and gated but never hashed.
 */
export function annualReturn(start: number, end: number, days: number): number | null {
  if (!(days > 0) || !(start > 0)) return null;
  return orNull(end <= 0 ? -1 : (end / start) ** (DAYS_A_YEAR / days) - 1);
}

/** Calmar ratio: annual return over the largest drawdown. Young 1991. Null without a drawdown. */
export function calmar(annual: number | null, depth: number): number | null {
  return annual === null || !(depth > 0) ? null : orNull(annual / depth);
}

/** Money traded a year as a multiple of the mean daily equity. */
export function turnover(traded: number, dayEquity: Float64Array): number | null {
  const mean = dayEquity.reduce((sum, equity) => sum + equity, 0) / dayEquity.length;
  return orNull(traded / mean / (dayEquity.length / DAYS_A_YEAR));
}

/** Equity from 1 at the end of each day, and the share lost since its highest. */
export function levelsOf(returns: Float64Array): { equity: number[]; lost: number[] } {
  let [level, peak] = [1, 1];
  const equity = Array.from(returns, (value) => (level *= 1 + value));
  const lost = equity.map((value) => {
    peak = Math.max(peak, value);
    return 1 - value / peak;
  });
  return { equity, lost };
}
