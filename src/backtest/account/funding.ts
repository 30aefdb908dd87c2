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

/** Known rates where the history reaches, the configured rate at whole multiples of its hours outside; undefined for spot. */
export function makeFunding(costs: SymbolCosts): Funding | undefined {
  if (costs.kind !== 'perpetual') return undefined;
  const step = (costs.fundingHours ?? 8) * HOUR;
  const configured = (costs.fundingBps ?? 0) * 1e-4;
  const times = costs.fundingHistory?.time ?? [];
  const rates = costs.fundingHistory?.rate ?? [];
  const first = times.length > 0 ? times[0] : Infinity;
  return {
    next(time) {
      const scheduled = (Math.floor(time / step) + 1) * step;
      if (times.length === 0 || time >= times[times.length - 1]) return scheduled;
      return time < first ? Math.min(scheduled, first) : times[after(times, time)];
    },
    rate(at) {
      const index = after(times, at) - 1;
      return index >= 0 && times[index] === at ? rates[index] : configured;
    },
  };
}

/** Index of the first element above `value` in a rising list. */
function after(list: ArrayLike<number>, value: number): number {
  return firstIndex(list.length, (i) => list[i] > value);
}
