import type { BoxFailure } from '../../backtest/contract.ts';
import { percent } from '../../base/numbers.ts';
import { DAY } from '../../market/bars.ts';
import { plain } from '../check.ts';
import { type Walk, walkForward } from '../tuning/walk.ts';
import type { GateResult } from '../verdict.ts';
import { requiredSharpe } from './deflation.ts';
import type { StageContext } from './stage.ts';

/** What was tuned, or why it could not be. */
export interface TuningAnswer {
  readonly gates: readonly GateResult[];
  readonly walk: Walk | null;
}

/** Tunes a candidate with ranges walk-forward. Its answer tells nothing of what was seen in sample. */
export async function tuningStage(context: StageContext): Promise<TuningAnswer | BoxFailure> {
  const { config, train, workbench, tuning, history, onProgress } = context;
  const found = await walkForward(workbench, tuning!, train, config, onProgress);
  // What a candidate's own `where` or ranges rule out is no crash.
  if (!found.ok && found.kind === 'policy')
    return { gates: [plain('tuning', 'where', false, 'policy', found.message)], walk: null };
  if (!found.ok) return found;
  const days = (train.to - train.from) / DAY;
  const traded = (train.to - found.value[0].from) / DAY;
  const [whole, part] = [days, traded].map((each) => requiredSharpe(each, history.trials, config.deflation));
  const message =
    `${config.tuning.steps} parts, each tuned before it begins with ${config.tuning.evaluations} simulations; the first ${percent(1 - traded / days, 0)} of ` +
    `train is not traded, which raises the Sharpe that luck asks from ${whole.toFixed(2)} to ${part.toFixed(2)}`;
  return { gates: [plain('tuning', 'walk', true, 'no_edge', message)], walk: found.value };
}
