import { EXIT, RalphError } from '../../base/errors.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { changedParts, coverageAt, provenanceAt } from '../../journal/provenance.ts';
import { coverageOf } from '../../market/coverage.ts';
import type { Trading } from './context.ts';
import { provenanceOf } from './provenance.ts';

/** The files that say by what rules a holdout is played. */
const RULES: Readonly<Record<string, string>> = { market: 'market.yaml', gates: 'gates.yaml' };

/**
 * Throws RalphError (exit 2) when costs, gates or the bars of these holdout days are others than those that a trial was kept under: with cheaper trades,
 * an easier test or other prices anything is confirmed. Under another engine the fingerprints cannot be compared, since it may read the same file
 * otherwise.
 */
export function refuseOtherRules(
  events: readonly RunEvent[],
  { trial, seq }: Pick<EventOf<'trial.started'>, 'trial' | 'seq'>,
  trading: Trading,
): void {
  const [then, now] = [provenanceAt(events, seq), provenanceOf(trading)];
  if (then.engine !== now.engine) return;
  const changed = changedParts(then, now).flatMap((part) => RULES[part] ?? []);
  if (changed.length > 0)
    throw new RalphError(
      `${changed.join(' and ')} changed since ${trial} was kept: its holdout would be played by other rules`,
      {
        remedy: 'Put back what stood there when it was kept; or search again under the new rules.',
        exitCode: EXIT.usage,
      },
    );
  const known = coverageAt(events, seq);
  const other = coverageOf(trading.frozen).filter(
    ({ window, symbol, from, to, print }) =>
      window === 'holdout' &&
      known.some(
        (one) =>
          one.window === window &&
          one.symbol === symbol &&
          one.from === from &&
          one.to === to &&
          one.print !== undefined &&
          one.print !== print,
      ),
  );
  if (other.length > 0)
    throw new RalphError(
      `the bars of holdout are not those under which ${trial} was kept: ${other.map(({ symbol }) => symbol).join(', ')} changed since`,
      {
        remedy: 'Put back the bars of these days; or let the holdout be later days in windows.yaml.',
        exitCode: EXIT.usage,
      },
    );
}
