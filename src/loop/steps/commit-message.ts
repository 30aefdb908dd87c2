import { plainLine, plainText } from '../../base/plain.ts';
import { trailersOf } from '../../journal/git/branch.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { Run } from '../run.ts';
import { resultsOf } from './trials.ts';

/** A page of the lab book: what was decided and why, then trailers that a script can read. */
export function commitMessage(run: Run, state: CycleState): string {
  const { cycle, session } = state;
  const verdict = state.verdict!;
  const best = resultsOf(run, cycle).find(({ trial }) => trial === verdict.trial);
  const first = verdict.reasons[0]?.message;
  const subject = [verdict.outcome.toUpperCase(), first, verdict.candidate].filter(Boolean).join(' · ');
  const { n, lookCount } = stateOf(run.journal.events);
  const trailers = trailersOf(run.tag, state, run.journal.head, { trials: n, looks: lookCount });
  const body = [
    ...(best ? [plainLine(best.submission.hypothesis), ''] : []),
    ...verdict.reasons.map(({ message, class: kind }) => `- ${message}${kind ? ` (${kind})` : ''}`),
    ...(session?.summary ? ['', plainLine(session.summary, 600)] : []),
  ];
  return plainText(`${subject}\n\n${body.join('\n').trim()}\n\n${trailers}`);
}
