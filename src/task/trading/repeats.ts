import type { CandidateFiles } from '../../strategy/candidate.ts';
import type { Cycle, Submission } from '../task.ts';
import type { Trading } from './context.ts';
import { lookAlike } from './probe.ts';

/** Look-alikes that are sent back uncharged per cycle; further ones are charged. */
const MOST_REFUSALS = 3;

/**
 * Why a submission repeats an earlier trial, or null. Asked before anything is charged: first by its files, then by a short
 * simulation. Refusals are journaled. The answer names the trial and the correlation and never a result: no free look.
 */
export async function repeatOf(
  files: CandidateFiles,
  submissions: readonly Submission[],
  cycle: Cycle,
  trading: Trading,
): Promise<string | null> {
  for (const submission of submissions) {
    const earlier = trading.duplicateOf(submission, cycle.events);
    if (earlier === null) continue;
    note(cycle, submission, earlier, { correlation: null });
    return `Trial ${earlier} already tested exactly this; its result stands. Change the idea or the parameters.`;
  }
  const left = MOST_REFUSALS - sentBack(cycle);
  const found = left > 0 ? await lookAlike(files, submissions, cycle, trading) : null;
  if (found === null) return null;
  const { submission, like, correlation, days, seconds } = found;
  note(cycle, submission, like.trial, { correlation, seconds });
  const what = submissions.length > 1 ? `One point of the sweep (${JSON.stringify(submission.params)})` : 'This';
  const then =
    left > 1 ? `${left - 1} more can be sent back in this cycle` : 'From now on look-alikes are charged in this cycle';
  return [
    `${what} trades like trial ${like.trial} (${like.candidate}): over the last ${days} days of train their daily returns correlate`,
    `${correlation.toFixed(4)}, and the limit is ${trading.gates.redundancy.maxCorrelation}. Nothing was charged; the result of ${like.trial} stands for`,
    `both. Change the mechanism (another entry, exit, filter or timeframe), not a decimal. ${then}.`,
  ].join(' ');
}

function note(
  cycle: Cycle,
  submission: Submission,
  like: string,
  found: { readonly correlation: number | null; readonly seconds?: number },
): void {
  const { candidate, family, fingerprint, params } = submission;
  const point = { ...params };
  cycle.record({
    type: 'trial.refused',
    cycle: cycle.id,
    candidate,
    family,
    fingerprint,
    params: point,
    like,
    ...found,
  });
}

function sentBack({ events, id }: Cycle): number {
  return events.filter((event) => event.type === 'trial.refused' && event.cycle === id && event.correlation !== null)
    .length;
}
