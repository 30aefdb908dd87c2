import { DAY, type Range } from './bars.ts';
import type { FundingRates } from './window-file.ts';
import { isoDay } from './windows.ts';

/** Where no funding rate is known inside a window, in words; the rhythm is told from the rates themselves. */
export function fundingHoles({ time }: FundingRates, { from, to }: Range): string[] {
  const steps = time.slice(1).map((at, i) => at - time[i]);
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? DAY;
  const lines: string[] = [];
  let before = from - usual;
  for (const at of [...time.filter((at) => at >= from), to + usual / 2]) {
    if (at - before > 1.5 * usual)
      lines.push(`no funding rate from ${isoDay(Math.max(from, before))} to ${isoDay(Math.min(at, to))}`);
    before = at;
  }
  return lines.length <= 5 ? lines : [...lines.slice(0, 5), `and ${lines.length - 5} more holes`];
}
