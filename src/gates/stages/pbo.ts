import { probabilityOfOverfitting } from '../../metrics/statistics/overfitting.ts';
import { atMost, plain } from '../check.ts';
import type { GateResult } from '../verdict.ts';
import type { StageContext, TrainFindings } from './stage.ts';

/** CSCV over every trial of the candidate's family, its own included. */
export function pboGates({ config, family, history }: StageContext, { evidence }: TrainFindings): GateResult[] {
  const { blocks, minTrials, max, maxLoss } = config.pbo;
  const columns = history.earlier
    .filter((trial) => trial.family === family && trial.returns.length === evidence.returns.length)
    .map(({ returns }) => returns);
  columns.push(evidence.returns);
  if (columns.length < minTrials) {
    return [plain('pbo', 'family', true, 'luck', `${columns.length} trials of ${family}, too few to judge`)];
  }
  const found = probabilityOfOverfitting(columns, blocks);
  if (found === null) return [plain('pbo', 'family', false, 'luck', 'too few days for the blocks')];
  const { pbo, lossProbability } = found;
  const note = `the family's best half-time choice loses out of sample in ${(lossProbability * 100).toFixed(0)}%`;
  const check = { stage: 'pbo', name: 'family', label: 'pbo', value: pbo, class: 'luck', note } as const;
  // Among equally good neighbours the rank is a coin toss; it only tells of overfitting where the choice also loses.
  return lossProbability <= maxLoss && pbo > max ? [atMost(check, 1)] : [atMost(check, max)];
}
