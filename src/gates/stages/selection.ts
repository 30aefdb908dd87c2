import type { BoxFailure, SimulationResult } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import { plain } from '../check.ts';
import { evidenceFrom } from '../evidence.ts';
import { selectionBar } from '../ladder.ts';
import type { GateResult } from '../verdict.ts';
import { joinedDays, shortNull } from './short-null.ts';
import type { StageContext, TrainFindings } from './stage.ts';

/** The answer of a look. `sharpe` is for the harness alone: no gate, metric, message or score carries it. */
export interface SelectionAnswer {
  readonly gates: readonly GateResult[];
  readonly sharpe: number | null;
}

/**
 * The held-back folds, in order, each with its own warm-up and fresh state. Charges a look before it happens; the answer
 * is pass or fail.
 */
export async function selectionStage(
  context: StageContext,
  { evidence }: TrainFindings,
  days: number,
): Promise<SelectionAnswer | BoxFailure> {
  const { config, params, seasonal, workbench, history } = context;
  const years = days / DAYS_A_YEAR;
  if (history.trainOnly)
    return answer(false, 'nothing can be kept any more (train only): held-back data stay closed', null);
  const look = (await history.look()) ?? history.looks + 1;
  // In order of time where they share a process: one that keeps something keeps nothing of a later fold. Processes run side by side.
  const played = await Promise.all(
    Array.from({ length: workbench.folds }, (_, fold) =>
      workbench.simulate({ fold }, [{ params, scenario: NEUTRAL, detail: 'summary' }]),
    ),
  );
  const folds: SimulationResult[] = [];
  for (const fold of played) {
    if (!fold.ok) return fold;
    if (fold.value[0].ruined) return answer(false, 'did not hold up on held-back data', null);
    folds.push(fold.value[0]);
  }
  const { activeSharpe } = evidenceFrom(joinedDays(folds));
  // Asked whatever the folds say: how long the answer takes tells nothing of them.
  const lucky = await shortNull(
    context,
    folds.map(({ dayEquity }) => dayEquity.length),
  );
  if (!lucky.ok) return lucky;
  const bar = selectionBar(evidence.returns, years, history, config.selection, look, seasonal, lucky.value);
  const passed = activeSharpe > bar;
  const words = passed ? 'held up on held-back data' : 'did not hold up on held-back data';
  return answer(passed, words, Number.isFinite(activeSharpe) ? activeSharpe : null);
}

function answer(passed: boolean, message: string, sharpe: number | null): SelectionAnswer {
  return { gates: [plain('selection', 'held_back', passed, 'held_back', message)], sharpe };
}
