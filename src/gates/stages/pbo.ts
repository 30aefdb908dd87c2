import { probabilityOfOverfitting } from '../../metrics/statistics/overfitting.ts';
import { atMost, plain } from '../check.ts';
import { correlationOf, hasUnknownEnds } from '../evidence.ts';
import type { GateResult } from '../verdict.ts';
import type { StageContext, TrainFindings } from './stage.ts';

/**
 * CSCV over the trials of the candidate's family, its own included. A family is known by what it does, not by its name alone: trials that
 * carry the name or whose daily returns correlate. With too few of them it is judged among all trials of the run, so that a new name a
 * trial hides nothing.
 */
export function pboGates(
  { config, family, history }: Pick<StageContext, 'config' | 'family' | 'history'>,
  { evidence }: Pick<TrainFindings, 'evidence'>,
): GateResult[] {
  const { blocks, minTrials, max, maxLoss, sameFamily } = config.pbo;
  const all = history.earlier.filter(
    ({ returns }) => returns.length >= evidence.returns.length && !hasUnknownEnds(returns),
  );
  const own = all.filter(
    (trial) => trial.family === family || correlationOf(trial.returns, evidence.returns) >= sameFamily,
  );
  // A tuned trial has no returns of the part that it was first tuned on: compared is what all have.
  const days = evidence.returns.length;
  const columns = (own.length + 1 >= minTrials ? own : all).map(({ returns }) =>
    returns.subarray(returns.length - days),
  );
  columns.push(evidence.returns);
  if (columns.length < minTrials) {
    return [plain('pbo', 'family', true, 'luck', `${columns.length} trials, too few to judge`)];
  }
  const found = probabilityOfOverfitting(columns, blocks);
  if (found === null) return [plain('pbo', 'family', false, 'luck', 'too few days for the blocks')];
  const { pbo, lossProbability } = found;
  const note = `the best half-time choice loses out of sample in ${(lossProbability * 100).toFixed(0)}%`;
  // Among equally good neighbours the rank is a coin toss; it only tells of overfitting where the choice also loses.
  const limit = lossProbability <= maxLoss && pbo > max ? 1 : max;
  return [atMost('pbo', 'family', pbo, limit, { class: 'luck', label: 'pbo', note })];
}
