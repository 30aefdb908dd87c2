import type { History } from '../memory/records.ts';
import type { StateReport } from './state.ts';

/** Steps against a plateau, in turn, each for a few cycles; then from the start again. The human is asked seldom. */
const STEPS = ['vary', 'vary', 'vary', 'vary', 'ask'] as const;
export type Step = 'none' | (typeof STEPS)[number];

/** Cycles that each step is given before the next one. */
const CYCLES_PER_STEP = 3;

export interface Escalation {
  readonly step: Step;
  /** Cycles that the trouble has lasted, the coming one included. */
  readonly cycles: number;
  /** How much hotter to sample than usual. */
  readonly heat: number;
  /** Ask the human now; true once per round. */
  readonly ask: boolean;
}

/**
 * The step against a plateau: vary temperature, seed and brief; ask the human and go on. Counted from the journaled states, so a resumed run
 * continues where it was. A stuck search skips the first step. Fix and patch cycles count as cycles of a step.
 */
export function escalationOf(history: History, now: StateReport): Escalation {
  const trouble = (state: string) => state === 'plateaued' || state === 'stuck';
  if (!trouble(now.state)) return { step: 'none', cycles: 0, heat: 0, ask: false };
  const cycles = history.cycles.length - history.cycles.findLastIndex(({ started }) => !trouble(started.state));
  const skipped = now.state === 'stuck' ? 1 : 0;
  const place = Math.floor((cycles - 1) / CYCLES_PER_STEP) + skipped;
  const step = STEPS[place % STEPS.length];
  // Spent looks need the human: more data, other windows, another run.
  const helpless = history.looksSpent && cycles === 1;
  const firstOfStep = (cycles - 1) % CYCLES_PER_STEP === 0;
  return { step, cycles, heat: Math.min(0.4, 0.1 * (1 + place)), ask: helpless || (step === 'ask' && firstOfStep) };
}
