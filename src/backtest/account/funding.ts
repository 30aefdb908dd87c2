import { firstIndex } from '../../base/numbers.ts';
import type { SymbolCosts } from '../market.ts';

const HOUR = 3_600_000;

/** When a perpetual's funding falls due and at what rate. */
export interface Funding {
  /** The first funding time after `time`, epoch ms. */
  next(time: number): number;
  /** The rate of that funding time as a fraction of signed notional: a long pays a positive one. */
  rate(at: number): number;
}

/** Funding times, epoch ms rising, with their rates as fractions of notional. */
export interface FundingHistory {
  readonly time: ArrayLike<number>;
  readonly rate: ArrayLike<number>;
}

/**
 * Known rates where a history reaches, the configured rate at whole multiples of its hours outside of it and in its holes; undefined for spot and for
 * a rate of 0 without a history.
 * A history in the costs wins over `known`, that of the frozen bars.
 */
export function makeFunding(costs: SymbolCosts, known?: FundingHistory): Funding | undefined {
  if (costs.kind !== 'perpetual') return undefined;
  const step = (costs.fundingHours ?? 8) * HOUR;
  const configured = (costs.fundingBps ?? 0) * 1e-4;
  const { time: times, rate: rates } = costs.fundingHistory ?? known ?? NOTHING;
  // Paying nothing three times a day would wake the engine more often than most strategies trade.
  if (configured === 0 && times.length === 0) return undefined;
  const hole = Math.max(step, usualStep(times)) * 1.5;
  return {
    next(time) {
      const scheduled = (Math.floor(time / step) + 1) * step;
      const index = after(times, time);
      if (index === times.length) return scheduled;
      // Before the first, and in a hole, up to the next known one.
      const inside = index > 0 && times[index] - times[index - 1] <= hole;
      return inside ? times[index] : Math.min(scheduled, times[index]);
    },
    rate(at) {
      const index = after(times, at) - 1;
      return index >= 0 && times[index] === at ? rates[index] : configured;
    },
  };
}

const NOTHING: FundingHistory = { time: [], rate: [] };

/** The median distance of two funding times in ms; 0 for fewer than two. */
function usualStep(times: ArrayLike<number>): number {
  const steps = Array.from({ length: Math.max(0, times.length - 1) }, (_, i) => times[i + 1] - times[i]);
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

/** Index of the first element above `value` in a rising list. */
function after(list: ArrayLike<number>, value: number): number {
  return firstIndex(list.length, (i) => list[i] > value);
}
