import { number } from '../digest/describe.ts';
import { holds, parseClaims } from './claim.ts';
import type { CycleRecord, TrialRecord } from './records.ts';

export interface Judgement {
  readonly answer: 'confirmed' | 'refuted' | 'inconclusive';
  /** The numbers that decided, in one line. */
  readonly why: string;
}

/** Fewer closed trades than this decide nothing, unless the hypothesis asks for more. */
const FEWEST_TRADES = 30;

/** Null when a hypothesis names a number that refutes it, else what to write. */
export function hypothesisProblem(refutedIf: string): string | null {
  if (parseClaims(refutedIf).claims.length > 0) return null;
  return `refuted_if "${refutedIf}" names no number: write a metric and a bound, such as "sharpe < 0.5 over 100 trades"`;
}

/** What a registered hypothesis came to, by its number and the best trial of its family in the cycle. Null before the end, or without one. */
export function judgeHypothesis(cycle: CycleRecord): Judgement | null {
  const { hypothesis, verdict } = cycle;
  if (hypothesis === null || verdict === null) return null;
  const trial = bestOf(cycle.trials.filter(({ family }) => family === hypothesis.family));
  if (trial === null) return { answer: 'inconclusive', why: 'nothing was measured' };
  const { claims, all, minTrades } = parseClaims(hypothesis.refutedIf, Object.keys(trial.metrics));
  if (claims.length === 0) return { answer: 'inconclusive', why: 'it names no number' };
  const values = claims.map(({ metric }) => `${metric} ${number(trial.metrics[metric])}`).join(', ');
  const { trades } = trial.metrics;
  const fewest = minTrades ?? FEWEST_TRADES;
  if (typeof trades === 'number' && trades < fewest)
    return { answer: 'inconclusive', why: `${number(trades)} trades, ${fewest} are needed (${values})` };
  const answers = claims.map((claim) => holds(claim, trial.metrics));
  if (answers.includes(null)) return { answer: 'inconclusive', why: `a number is missing (${values})` };
  const refuted = all ? answers.every(Boolean) : answers.some(Boolean);
  return { answer: refuted ? 'refuted' : 'confirmed', why: `${values} of ${trial.trial}` };
}

/** The trial that says most for the hypothesis: the best score among those that were measured. */
function bestOf(trials: readonly TrialRecord[]): TrialRecord | null {
  const measured = trials.filter(({ outcome, metrics }) => outcome !== 'crash' && Object.keys(metrics).length > 0);
  const worth = (trial: TrialRecord) => trial.score ?? Number.NEGATIVE_INFINITY;
  return measured.toSorted((a, b) => worth(b) - worth(a))[0] ?? null;
}
