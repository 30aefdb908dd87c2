import type { BoxAnswer, SimulationResult } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { DAY } from '../../market/bars.ts';
import { type DailySeries, evidenceFrom, seriesOf } from '../evidence.ts';
import type { StageContext } from './stage.ts';

/** Surrogates that are asked for together. */
const BATCH = 40;
/** Steps of the golden ratio spread the places over the window evenly, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * What the candidate's own code makes of held-back folds in which nothing can be forecast: active Sharpe ratios over as many stretches of as many
 * days, each begun afresh, cut from surrogates of the TRAIN window. Minus infinity where it goes broke or does nothing. Empty without a null.
 */
export async function shortNull(
  { config, params, train, universe, workbench }: StageContext,
  foldDays: readonly number[],
): Promise<BoxAnswer<readonly number[]>> {
  const days = (train.to - train.from) / DAY;
  const folds = foldDays.length;
  const count = config.off.includes('null') ? 0 : config.surrogates.count;
  const draws: number[] = [];
  for (let first = 0; first < count; first += BATCH) {
    const some = Math.min(BATCH, count - first);
    const answer = await workbench.surrogates(
      Array.from({ length: some * folds }, (_, k) => {
        const index = first + Math.floor(k / folds);
        const length = Math.min(days, foldDays[k % folds]);
        const late = Math.floor((days - length) * (((index * folds + (k % folds)) * GOLDEN) % 1));
        const from = train.from + late * DAY;
        return {
          params,
          scenario: NEUTRAL,
          detail: 'days' as const,
          range: { from, to: from + length * DAY },
          surrogate: { index, holdMinutes: universe ? 60 : 1, drift: false },
        };
      }),
    );
    if (!answer.ok) return answer;
    for (let at = 0; at < some; at++) draws.push(sharpeOver(answer.value.slice(at * folds, (at + 1) * folds)));
  }
  return { ok: true, value: draws };
}

function sharpeOver(results: readonly SimulationResult[]): number {
  const { activeSharpe } = evidenceFrom(joinedDays(results));
  return results.some(({ ruined }) => ruined) || Number.isNaN(activeSharpe) ? Number.NEGATIVE_INFINITY : activeSharpe;
}

/** Daily series of several stretches, one after the other. */
export function joinedDays(results: readonly SimulationResult[]): DailySeries {
  const parts = results.map(seriesOf);
  const join = (name: keyof DailySeries) => {
    const all = new Float64Array(parts.reduce((sum, part) => sum + part[name].length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[name], at);
      at += part[name].length;
    }
    return all;
  };
  return {
    returns: join('returns'),
    benchmark: join('benchmark'),
    variation: join('variation'),
    benchmarkVariation: join('benchmarkVariation'),
  };
}
