import { sha256 } from '../../../base/hash.ts';
import { type Bars, barsBetween, columnsOf, DAY, type Range } from '../../../market/bars.ts';

/**
 * Days in a row without a bar that pass as a closed market: a weekend with holidays. Whole days need no `session` of market.yaml: a day in
 * which no symbol has a bar is one, whatever the hours.
 */
const MOST_CLOSED = 5;
/** Days with bars that must lie behind such a stretch: bars that come late come within a week. */
const PATIENCE = 7;

/** Days that are missing between bars that are there. */
export type Missing = Range;

/** Hash of the bars of a stretch of time, all symbols together. */
export function barsHash(symbols: readonly Bars[], { from, to }: Range): string {
  return sha256(
    symbols
      .map((bars) =>
        columnsOf(barsBetween(bars, from, to))
          .map((column) => sha256(column))
          .join(' '),
      )
      .join('\n'),
  );
}

/**
 * How far the days from `from` on are contiguous: every symbol that `belongs` on a day has a bar in each, or none in so few days that the market was closed. `closed`
 * raises that number for a longer closure. `missing`: what it waits for, where bars lie behind.
 */
export function contiguousDays(
  symbols: readonly Bars[],
  { from, to }: Range,
  closed = MOST_CLOSED,
  belongs: (symbol: number, day: number) => boolean = () => true,
): { readonly to: number; readonly missing: Missing | null } {
  const counts = symbols.map((bars) => new Set(bars.time.map((time) => Math.floor(time / DAY))));
  const isThere = (day: number) => counts.every((days, s) => days.has(day / DAY) || !belongs(s, day));
  for (let day = from; day < to; day += DAY) {
    if (isThere(day)) continue;
    let next = day;
    while (next < to && !isThere(next)) next += DAY;
    if (next >= to) return { to: day, missing: null };
    if (next - day > closed * DAY || to - next < PATIENCE * DAY) return { to: day, missing: { from: day, to: next } };
    day = next - DAY;
  }
  return { to, missing: null };
}
