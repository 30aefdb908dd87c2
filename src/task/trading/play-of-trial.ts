import type { SimulationRequest } from '../../backtest/contract.ts';
import type { Trial } from '../../journal/state/parts.ts';
import type { Params } from '../../strategy/candidate.ts';

/**
 * How a trial was played on train, and from `to` on as it would be now: with its parameters, or, where they were tuned, part by part with
 * what each was traded with, and behind train with what held-back data were shown to. `to`: end of the window to play, epoch ms.
 */
export function playOfTrial(
  { started, finished }: Pick<Trial, 'started' | 'finished'>,
  to: number,
  given: Params = {},
  trainEnd = to,
): Pick<SimulationRequest, 'params' | 'path' | 'range'> {
  const tuned = finished?.tuned;
  if (!tuned) return { params: { ...given, ...started.params } };
  const [first, ...later] = tuned.path;
  const behind = tuned.final && trainEnd < to ? [{ from: trainEnd, params: tuned.final }] : [];
  return { params: first.params, path: [...later, ...behind], range: { from: first.from, to } };
}
