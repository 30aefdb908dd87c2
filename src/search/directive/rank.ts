import type { GateResult } from '../../gates/verdict.ts';
import { better, type CycleRecord, type History, type TrialRecord } from '../memory/records.ts';

/** Kept trials of the current segment, one (the best) a candidate, best first. */
export function keepers(history: History): TrialRecord[] {
  const kept = history.trials.filter((trial) => trial.outcome === 'keep' && trial.segment === history.segment);
  return bestOfEach(kept).sort((a, b) => (better(a, b) ? -1 : 1));
}

/** A score up to this share lower counts as equal. */
const EQUAL = 0.05;

/**
 * The smallest candidate made from a keeper by `simplify`: fewer parameters, a score as good, failed at most by redundancy. Later work starts
 * from it; the keep stays the candidate that was judged.
 */
export function simplerThan(history: History, keeper: TrialRecord): TrialRecord | null {
  const made = (simplifying(history).get(keeper.candidate) ?? [])
    .flatMap(({ trials }) => trials)
    .filter((trial) => sizeOf(trial) < sizeOf(keeper) && isAsGood(trial, keeper));
  return made.sort((a, b) => sizeOf(a) - sizeOf(b) || (better(a, b) ? -1 : 1))[0] ?? null;
}

interface Index {
  seen: number;
  readonly byBase: Map<string, CycleRecord[]>;
}

const indexes = new WeakMap<readonly CycleRecord[], Index>();

/** The cycles that simplified a candidate, or fixed the result, by that candidate. A cycle's directive never changes, so each is read once. */
function simplifying({ cycles }: History): ReadonlyMap<string, readonly CycleRecord[]> {
  const index = indexes.get(cycles) ?? { seen: 0, byBase: new Map() };
  indexes.set(cycles, index);
  for (; index.seen < cycles.length; index.seen++) {
    const cycle = cycles[index.seen];
    const { directive, base } = cycle.started;
    const from = directive === 'simplify' ? base : directive === 'fix' ? originOf(base, index.byBase) : null;
    if (from !== null) index.byBase.set(from, [...(index.byBase.get(from) ?? []), cycle]);
  }
  return index.byBase;
}

/** The candidate that a crashed simplification started from: fixing it is part of simplifying. */
function originOf(candidate: string | null, byBase: Index['byBase']): string | null {
  for (const [base, cycles] of byBase)
    if (cycles.some(({ trials }) => trials.some((trial) => trial.candidate === candidate))) return base;
  return null;
}

/** Parameters of a candidate. */
function sizeOf({ params }: TrialRecord): number {
  return Object.keys(params).length;
}

function isAsGood(trial: TrialRecord, keeper: TrialRecord): boolean {
  if (trial.score === null || keeper.score === null || trial.segment !== keeper.segment) return false;
  if (trial.outcome !== 'keep' && (trial.outcome !== 'discard' || trial.failed.length === 0)) return false;
  const like = trial.failed.every(({ stage }) => stage === 'redundancy');
  return like && trial.score >= keeper.score - EQUAL * Math.abs(keeper.score);
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
