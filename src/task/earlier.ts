import type { EarlierTrial } from '../gates/history.ts';
import type { EvaluationContext } from './task.ts';

/** The trials of the newest segment: results from before a change of data, engine or gates are not comparable. */
export function earlierTrials({ events, returnsOf }: Pick<EvaluationContext, 'events' | 'returnsOf'>): EarlierTrial[] {
  const segment = events.findLast((event) => event.type === 'segment.started')?.seq ?? 0;
  const families = new Map<string, string>();
  const answers = new Map<string, number | null>();
  for (const event of events) {
    if (event.type === 'trial.started') families.set(event.trial, event.family);
    else if (event.type === 'selection.answered') answers.set(event.trial, event.sharpe);
  }
  return events.flatMap((event) => {
    if (event.type !== 'trial.finished' || event.seq < segment) return [];
    const { trial, equityFingerprint, score, outcome } = event;
    const family = families.get(trial) ?? 'unknown';
    return [
      {
        trial,
        family,
        fingerprint: equityFingerprint,
        returns: returnsOf(trial),
        score,
        outcome,
        selectionSharpe: answers.get(trial) ?? null,
      },
    ];
  });
}
