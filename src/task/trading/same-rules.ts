import { EXIT, RalphError } from '../../base/errors.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { changedParts, provenanceAt } from '../../journal/provenance.ts';
import type { Provenance } from '../task.ts';

/** The files that say by what rules a holdout is played. */
const RULES: Readonly<Record<string, string>> = { market: 'market.yaml', gates: 'gates.yaml' };

/**
 * Throws RalphError (exit 2) when costs or gates are others than those that a trial was kept under: with cheaper trades or an easier test
 * anything is confirmed. Under another engine the fingerprints cannot be compared, since it may read the same file otherwise.
 */
export function refuseOtherRules(
  events: readonly RunEvent[],
  { trial, seq }: Pick<EventOf<'trial.started'>, 'trial' | 'seq'>,
  now: Provenance,
): void {
  const then = provenanceAt(events, seq);
  if (then.engine !== now.engine) return;
  const changed = changedParts(then, now).flatMap((part) => RULES[part] ?? []);
  if (changed.length === 0) return;
  throw new RalphError(
    `${changed.join(' and ')} changed since ${trial} was kept: its holdout would be played by other rules`,
    {
      remedy: 'Put back what stood there when it was kept; or search again under the new rules.',
      exitCode: EXIT.usage,
    },
  );
}
