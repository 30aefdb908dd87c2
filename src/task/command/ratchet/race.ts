import { normalQuantile } from '../../../metrics/statistics/normal.ts';
import type { Contract } from '../contract/contract.ts';
import { rankSumP, type Shift, shiftOf } from './rank.ts';

/** How many measurements each of two sides gets. */
export type Repeats = Exclude<Contract['repeats'], 1>;

/** Chance that a whole run keeps anything where nothing can be improved. */
const RUN_ERROR = 0.01;

/** What trial N may risk. The risks of all trials add up to the run's: 1/(1*2) + 1/(2*3) + ... = 1. */
export function riskOf(n: number): number {
  return RUN_ERROR / (n * (n + 1));
}

/** A look is taken at each of these counts; between two of them no question is asked. */
const GROWTH = 2;

export function looksOf({ least, most }: Repeats): number[] {
  const looks: number[] = [];
  for (let at = least; at < most; at = Math.ceil(at * GROWTH)) looks.push(at);
  return [...looks, most];
}

export type Answer = 'better' | 'equal' | 'undecided';

export interface Standing {
  readonly answer: Answer;
  /** One-sided p of no improvement, and what it must not exceed at this look. */
  readonly p: number;
  readonly limit: number;
  /** Change of the candidate against the best, in units of the metric, positive when better. */
  readonly shift: Shift;
}

export interface RaceOptions {
  readonly repeats: Repeats;
  /** N, this trial included. */
  readonly n: number;
  /** A simpler candidate is kept once its loss is surely below this, in units of the metric; null where it is not simpler. */
  readonly tie: number | null;
}

/** How sure it must be that a candidate cannot win any more, in standard errors. */
const OPTIMISM = 1.28;

/** The last look risks half of the trial's risk, the earlier ones share the other half: so looking often costs nothing in trust. */
function limitAt(look: number, looks: readonly number[], n: number): number {
  const earlier = looks.length - 1;
  if (earlier === 0) return riskOf(n);
  return look === earlier ? riskOf(n) / 2 : riskOf(n) / 2 / earlier;
}

/**
 * How a race of two sides ended after equally many measurements of each, taken in turns; null: measure on. Higher is better on both.
 * Better: the rank-sum test rejects "no improvement" with this look's part of the trial's risk. It ends early when even a lucky rest would
 * not be enough.
 */
export function standing(best: readonly number[], candidate: readonly number[], options: RaceOptions): Standing | null {
  const { repeats, n, tie } = options;
  const looks = looksOf(repeats);
  const done = candidate.length;
  const look = looks.indexOf(done);
  if (look < 0) return null;
  const limit = limitAt(look, looks, n);
  const p = rankSumP(best, candidate);
  const told = (answer: Answer, shift = shiftOf(best, candidate)): Standing => ({ answer, p, limit, shift });
  if (p <= limit) return told('better');
  const over = done >= repeats.most;
  const z = -quantile(p);
  const hope = (z + OPTIMISM) * Math.sqrt(repeats.most / done);
  const hopeless = over || hope < -quantile(limitAt(looks.length - 1, looks, n));
  if (tie !== null) {
    const shift = shiftOf(best, candidate);
    // One that looks better as well is measured on, so that the verdict can say so.
    if (shift.low > 0 && !hopeless) return null;
    if (shift.low > -tie) return told('equal', shift);
    // A simpler one is measured on while it may still turn out to be equal.
    if (!over && shift.high > -tie) return null;
  }
  return hopeless ? told('undecided') : null;
}

function quantile(p: number): number {
  return normalQuantile(Math.min(1 - 1e-12, Math.max(1e-300, p)));
}
