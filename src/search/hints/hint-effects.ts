import type { EventOf, RunEvent } from '../../journal/events.ts';
import { gapOf } from '../directive/progress.ts';
import { historyOf } from '../memory/history.ts';
import type { CycleRecord } from '../memory/records.ts';

/** What a group of cycles came to. */
export interface Yield {
  readonly cycles: number;
  readonly trials: number;
  readonly keeps: number;
  /** Mean over the trials of how far from being kept: 0 for a keep, 1 for a crash or a wide miss; null without trials. */
  readonly gap: number | null;
}

export interface HintEffect {
  readonly hint: string;
  readonly text: string;
  readonly from: string | null;
  readonly answers: readonly { cycle: number; accepted: boolean; why: string }[];
  readonly dropped: boolean;
  readonly under: Yield;
  readonly rest: Yield;
}

/** For each hint: trials, gaps and keeps of the cycles that read it against all other cycles of the run. */
export function hintEffects(events: readonly RunEvent[]): HintEffect[] {
  const { cycles } = historyOf(events);
  const all = <T extends RunEvent['type']>(type: T) => events.filter((event) => event.type === type) as EventOf<T>[];
  const answered = all('hint.answered');
  const dropped = new Set(all('hint.dropped').map(({ hint }) => hint));
  return all('hint.taken').map(({ hint, text, from = null }) => ({
    hint,
    text,
    from,
    answers: answered.filter((one) => one.hint === hint).map(({ cycle, accepted, why }) => ({ cycle, accepted, why })),
    dropped: dropped.has(hint),
    under: yieldOf(cycles.filter(({ started }) => started.hints.includes(hint))),
    rest: yieldOf(cycles.filter(({ started }) => !started.hints.includes(hint))),
  }));
}

function yieldOf(cycles: readonly CycleRecord[]): Yield {
  const trials = cycles.flatMap((cycle) => cycle.trials).filter(({ outcome }) => outcome !== null);
  const gaps = trials.map(gapOf);
  return {
    cycles: cycles.length,
    trials: trials.length,
    keeps: trials.filter(({ outcome }) => outcome === 'keep').length,
    gap: gaps.length === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
  };
}
