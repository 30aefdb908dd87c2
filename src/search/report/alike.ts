import { correlation } from '../memory/duplicates.ts';
import type { History, TrialRecord } from '../memory/records.ts';

/** How alike two runs are. */
export interface Alikeness {
  readonly a: string;
  readonly b: string;
  /** Families that both visited, as a share of those that either did. */
  readonly families: number;
  /** Trials with the same fingerprint, as a share of the smaller run. */
  readonly trials: number;
  /** Correlation of the daily train returns of their best candidates; null when a series is missing or the days differ. */
  readonly best: number | null;
}

/** Compares two runs; `returnsOf` reads a stored return series, or gives null. */
export function alikeness(
  a: History,
  b: History,
  returnsOf: (trial: TrialRecord, of: History) => Float64Array | null,
): Alikeness {
  const families = share(new Set(a.families.keys()), new Set(b.families.keys()));
  const prints = new Set(a.trials.map(({ fingerprint }) => fingerprint));
  const same = b.trials.filter(({ fingerprint }) => prints.has(fingerprint)).length;
  const smaller = Math.max(1, Math.min(a.trials.length, b.trials.length));
  const [left, right] = [bestOf(a), bestOf(b)];
  const [x, y] = [left && returnsOf(left, a), right && returnsOf(right, b)];
  const best = x && y && x.length === y.length && x.length > 1 ? correlation(x, y) : null;
  return { a: a.tag, b: b.tag, families, trials: same / smaller, best };
}

/** The best keep, else the best score. */
function bestOf({ trials }: History): TrialRecord | null {
  const rank = (trial: TrialRecord) => (trial.outcome === 'keep' ? 1e6 : 0) + trial.score!;
  const scored = trials.filter(({ score, returnsSha256 }) => score !== null && returnsSha256 !== null);
  return scored.reduce<TrialRecord | null>(
    (best, trial) => (best === null || rank(trial) > rank(best) ? trial : best),
    null,
  );
}

function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const either = a.union(b).size;
  return either === 0 ? 1 : a.intersection(b).size / either;
}
