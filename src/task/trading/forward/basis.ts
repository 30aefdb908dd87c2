import { isDeepStrictEqual } from 'node:util';
import type { SimulationResult } from '../../../backtest/contract.ts';
import { RalphError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import type { Basis, Day, EntryOf } from '../../../forward/entries.ts';
import { basisOf, type TrialRecord } from '../../../forward/record.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { type Bars, barsBetween, columnsOf, DAY, type Range } from '../../../market/bars.ts';
import { dailyReturns } from '../../../metrics/returns.ts';

/** Hash of the daily returns of train: what the run stored when it judged the trial. */
export function trainHash(result: SimulationResult, { from, to }: Range): string {
  return sha256(dailyReturns(result).slice(0, (to - from) / DAY));
}

/**
 * Throws RalphError when this is no longer the trial that was kept: its train window comes out otherwise, and no correction of bars under
 * the same engine and costs explains it. An engine or a market.yaml that is new and plays train the same is fine.
 */
export function refuseOther({ trial, candidate }: Trial, then: Basis, now: Basis): void {
  if (then.train === now.train) return;
  const parts = (['engine', 'market'] as const).filter((part) => then[part] !== now[part]);
  if (then.history !== now.history && parts.length === 0) return;
  const why = then.history === now.history ? [] : ['bars before the freeze'];
  throw new RalphError(
    `${trial} (${candidate}) is not played as it was kept: its train window comes out otherwise (changed: ${[...parts, ...why].join(', ') || 'bars'})`,
    { remedy: `Nothing was recorded. Bring back what it was kept with; see: npm run ralph -- reproduce ${trial}` },
  );
}

/** What has changed of bars that were recorded, and of what the record goes on from; null where nothing has. `all`: the recorded days as they are now. */
export function correctionOf(
  record: TrialRecord,
  known: ReadonlyMap<number, string>,
  all: readonly Day[],
  now: Basis,
): EntryOf<'corrected'> | null {
  const days = all.filter(({ day, bars }) => known.get(day) !== bars).map(({ day, bars }) => ({ day, bars }));
  if (days.length === 0 && isDeepStrictEqual(basisOf(record), now)) return null;
  const { run, trial } = record.frozen;
  return { type: 'corrected', run, trial, number: record.corrections.length + 1, days, basis: now };
}

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
