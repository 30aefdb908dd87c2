import { DAYS_A_YEAR } from './returns.ts';
import { orNull } from './undefined.ts';

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
