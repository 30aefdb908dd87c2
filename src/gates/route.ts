import type { GatesConfig } from './config.ts';
import type { GateResult, Outcome, Route, Verdict } from './verdict.ts';

/** One trial of a cycle, as far as the verdict goes. */
export interface Judged {
  readonly outcome: Outcome;
  readonly gates: readonly GateResult[];
  readonly score: number | null;
}

/** How many fix and patch cycles in a row led here. */
export interface RouteStreak {
  readonly fixes: number;
  readonly patches: number;
}

/** `trial` is the one that the verdict rests on, null when there was none. */
export type RoutedVerdict = Verdict & { readonly trial: string | null };

/**
 * The end of a cycle from its trials: the kept one with the highest score, else the discarded one that came furthest, else
 * the last crash. Route: crash or static failure -> fix; few gates missed, each within the margin -> patch; each at most N
 * times in a row; else new. No trial at all is a discard that starts from another hypothesis.
 */
export function verdictOf(
  trials: readonly { readonly trial: string; readonly evaluation: Judged }[],
  streak: RouteStreak,
  config: GatesConfig,
): RoutedVerdict {
  const index = deciding(trials.map(({ evaluation }) => evaluation));
  if (index < 0) return { outcome: 'discard', route: 'new', reasons: [], trial: null };
  const { trial, evaluation } = trials[index];
  const { outcome, gates } = evaluation;
  const missed = gates.filter(({ passed }) => !passed);
  if (outcome === 'keep') return { outcome, route: 'new', reasons: closestPassed(gates), trial };
  return { outcome, route: routeOf(outcome, missed, streak, config.route), reasons: missed, trial };
}

function routeOf(
  outcome: Outcome,
  missed: readonly GateResult[],
  streak: RouteStreak,
  { fixes, patches, patchGates, patchMargin }: GatesConfig['route'],
): Route {
  if (outcome === 'crash') return streak.fixes < fixes ? 'fix' : 'new';
  // A gate without a number has no distance to close; patching towards held-back data would be fitting it.
  const near = missed.every(({ gap, value, stage }) => value !== null && stage !== 'selection' && gap <= patchMargin);
  return near && missed.length <= patchGates && streak.patches < patches ? 'patch' : 'new';
}

function deciding(trials: readonly Judged[]): number {
  let best = -1;
  for (const [i, trial] of trials.entries()) {
    if (best < 0 || compare(trial, trials[best]) >= 0) best = i;
  }
  return best;
}

const RANK: Record<Outcome, number> = { crash: 0, discard: 1, keep: 2 };

/** Positive when `a` decides over `b`. */
function compare(a: Judged, b: Judged): number {
  if (a.outcome !== b.outcome) return RANK[a.outcome] - RANK[b.outcome];
  const passed = (judged: Judged) => judged.gates.filter((gate) => gate.passed).length;
  const further = a.outcome === 'discard' ? passed(a) - passed(b) : 0;
  return further || (a.score ?? -Infinity) - (b.score ?? -Infinity) || 0;
}

/** The three passed gates that were nearest to failing. */
function closestPassed(gates: readonly GateResult[]): GateResult[] {
  const room = ({ value, threshold }: GateResult) =>
    value === null || threshold === null ? Infinity : Math.abs(value - threshold) / (Math.abs(threshold) || 1);
  // An audit has no room to lose: a candidate without look-ahead sits at the end of its scale.
  return gates
    .filter(({ value, stage }) => value !== null && stage !== 'causality')
    .toSorted((a, b) => room(a) - room(b))
    .slice(0, 3);
}
