import { isDeepStrictEqual } from 'node:util';
import type { SimulationResult } from '../../../backtest/contract.ts';
import { RalphError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import type { Basis, Day, EntryOf } from '../../../forward/entries.ts';
import { basisOf, type TrialRecord } from '../../../forward/record.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { DAY, type Range } from '../../../market/bars.ts';
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
