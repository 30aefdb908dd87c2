import type { BoxFailure } from '../../backtest/contract.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import { plain } from '../check.ts';
import { type DailySeries, evidenceFrom, seriesOf } from '../evidence.ts';
import { selectionBar } from '../ladder.ts';
import type { GateResult } from '../verdict.ts';
import { NEUTRAL, type StageContext, type TrainFindings } from './stage.ts';

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
  { config, params, seasonal, workbench, history }: StageContext,
  { evidence }: TrainFindings,
  days: number,
): Promise<SelectionAnswer | BoxFailure> {
  const years = days / DAYS_A_YEAR;
  if (history.trainOnly)
    return answer(false, 'nothing can be kept any more (train only): held-back data stay closed', null);
  const look = (await history.look()) ?? history.looks + 1;
  // Each fold has a process of its own: they may run side by side.
  const played = await Promise.all(
    Array.from({ length: workbench.folds }, (_, fold) =>
      workbench.simulate({ fold }, [{ params, scenario: NEUTRAL, detail: 'summary' }]),
    ),
  );
  const folds: DailySeries[] = [];
  for (const fold of played) {
    if (!fold.ok) return fold;
    if (fold.value[0].ruined) return answer(false, 'did not hold up on held-back data', null);
    folds.push(seriesOf(fold.value[0]));
  }
  const join = (name: keyof DailySeries) => concatenated(folds.map((fold) => fold[name]));
  const { activeSharpe } = evidenceFrom({
    returns: join('returns'),
    benchmark: join('benchmark'),
    variation: join('variation'),
    benchmarkVariation: join('benchmarkVariation'),
  });
  const bar = selectionBar(evidence.returns, years, history, config.selection, look, seasonal);
  const passed = activeSharpe > bar;
  const words = passed ? 'held up on held-back data' : 'did not hold up on held-back data';
  return answer(passed, words, Number.isFinite(activeSharpe) ? activeSharpe : null);
}

function answer(passed: boolean, message: string, sharpe: number | null): SelectionAnswer {
  return { gates: [plain('selection', 'held_back', passed, 'held_back', message)], sharpe };
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
