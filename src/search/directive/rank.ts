import type { GateResult } from '../../gates/verdict.ts';
import { better, type History, type TrialRecord } from '../memory/records.ts';

/** Kept trials of the current segment, one (the best) a candidate, best first. */
export function keepers(history: History): TrialRecord[] {
  const kept = history.trials.filter((trial) => trial.outcome === 'keep' && trial.segment === history.segment);
  return bestOfEach(kept).sort((a, b) => (better(a, b) ? -1 : 1));
}

export interface NearMiss {
  readonly trial: TrialRecord;
  readonly gate: GateResult;
}

/** Candidates of the current segment that failed exactly one gate and were never kept, nearest first. One that looked ahead is near to nothing. */
export function nearMisses(history: History): NearMiss[] {
  const kept = new Set(keepers(history).map((trial) => trial.candidate));
  const nearest = new Map<string, NearMiss>();
  for (const trial of history.trials) {
    if (trial.outcome !== 'discard' || trial.segment !== history.segment || kept.has(trial.candidate)) continue;
    const { failed } = trial;
    if (failed.length !== 1 || failed[0].class === 'leak') continue;
    const known = nearest.get(trial.candidate);
    if (known === undefined || failed[0].gap < known.gate.gap) nearest.set(trial.candidate, { trial, gate: failed[0] });
  }
  return [...nearest.values()].sort((a, b) => a.gate.gap - b.gate.gap || (a.trial.trial < b.trial.trial ? -1 : 1));
}

/** The first `most` of each family in the same order, so that one family cannot fill a list. */
export function spread<T extends { readonly family: string }>(list: readonly T[], most: number): T[] {
  const counts = new Map<string, number>();
  return list.filter(({ family }) => {
    const count = (counts.get(family) ?? 0) + 1;
    counts.set(family, count);
    return count <= most;
  });
}

function bestOfEach(trials: readonly TrialRecord[]): TrialRecord[] {
  const best = new Map<string, TrialRecord>();
  for (const trial of trials) if (better(trial, best.get(trial.candidate) ?? null)) best.set(trial.candidate, trial);
  return [...best.values()];
}
