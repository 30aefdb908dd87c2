import { percent } from '../../base/numbers.ts';
import type { History } from '../memory/records.ts';

export type SearchState = 'improving' | 'exploring' | 'plateaued' | 'stuck';

/** The state and the numbers behind it, in one line. */
export interface StateReport {
  readonly state: SearchState;
  readonly why: string;
}

/** Limits in cycles and shares; measured against labelled traces in test/search/directive/state.test.ts. */
const LIMITS = {
  /** Cycles that the shares below are taken over. */
  window: 12,
  /** Before this many cycles nothing can be said. */
  young: 6,
  /** A gain counts as improving for so many cycles. */
  fresh: 5,
  /** Cycles without gain before a plateau is called, at least; a run that gains slowly is given 2.5 of its own intervals. */
  plateau: 10,
  pace: 2.5,
  mostPatience: 30,
  /** Less than this share of the cycles told something new: stuck. */
  effective: 0.35,
  /** At least this share of the trials is new in kind: exploring, though nothing was gained. */
  novelty: 0.25,
  /** One family holds this share of the trials while nothing is gained for twice the patience: stuck. */
  monotony: 0.8,
  /** Nothing gained for this many times the patience: stuck, novel or not. */
  exhausted: 4,
};

/** Stuck or exploring, from numbers alone: gains, novelty, effective trials, repetition. The model's own words are never read. */
export function searchState(history: History): StateReport {
  const done = history.cycles.length;
  const told = (state: SearchState, why: string): StateReport => ({ state, why });
  if (done < LIMITS.young) return told('exploring', `only ${done} cycles so far`);
  if (history.looksSpent)
    return told('stuck', 'the looks at held-back data are spent: nothing more can be kept in this segment');
  const { idle, patience, effective, novelty, monotony, cycles } = measure(history);
  const since = idle >= done ? 'no gain yet' : `no gain for ${idle} cycles`;
  if (idle < LIMITS.fresh) return told('improving', `gained ${idle} cycles ago`);
  if (effective < LIMITS.effective && idle >= LIMITS.young)
    return told('stuck', `${since}; only ${percent(effective, 0)} of the last ${cycles} cycles told anything new`);
  if (idle >= LIMITS.exhausted * patience) return told('stuck', `${since}, ${LIMITS.exhausted} times its patience`);
  if (novelty >= LIMITS.novelty)
    return told('exploring', `${since}, but ${percent(novelty, 0)} of the trials are new in kind`);
  if (monotony >= LIMITS.monotony && idle >= 2 * patience)
    return told('stuck', `${since}; ${percent(monotony, 0)} of the last trials are of one family`);
  if (idle >= patience)
    return told('plateaued', `${since} (patience ${patience}), ${percent(novelty, 0)} of the trials new in kind`);
  return told('exploring', `${since}, patience is ${patience}`);
}

function measure(history: History) {
  const cycles = history.cycles.slice(-LIMITS.window);
  const trials = cycles.flatMap((cycle) => cycle.trials);
  const told = cycles.filter((cycle) => cycle.trials.some((trial) => trial.effective)).length;
  const useful = trials.filter((trial) => trial.effective);
  // A refused repeat counts as tried and not new.
  const refused = history.refused.length - 1 - history.refused.findLastIndex(({ cycle }) => cycle < cycles[0].cycle);
  const families = Map.groupBy(trials, ({ family }) => family).values();
  return {
    cycles: cycles.length,
    idle: idleCycles(history),
    patience: patienceOf(history),
    effective: told / cycles.length,
    novelty: useful.length === 0 ? 0 : useful.filter((trial) => trial.novel).length / (useful.length + refused),
    monotony: trials.length === 0 ? 1 : Math.max(...families.map((own) => own.length)) / trials.length,
  };
}

/** Cycles since the last gain; all of them when there was none. */
function idleCycles({ cycles, progress }: History): number {
  const last = progress.gains.at(-1);
  if (last === undefined) return cycles.length;
  return cycles.length - 1 - cycles.findLastIndex(({ cycle }) => cycle <= last);
}

/** A run that used to gain every eight cycles is not stuck after ten. */
function patienceOf({ progress: { gains } }: History): number {
  const last = gains.slice(-6);
  const intervals = last
    .slice(1)
    .map((cycle, i) => cycle - last[i])
    .sort((a, b) => a - b);
  const usual = intervals[Math.floor(intervals.length / 2)] ?? 0;
  return Math.min(LIMITS.mostPatience, Math.max(LIMITS.plateau, Math.round(LIMITS.pace * usual)));
}
