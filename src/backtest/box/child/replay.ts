import type { Bars, Range } from '../../../market/bars.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { SimulationResult } from '../../contract.ts';
import { type SimulationData, simulate } from '../../engine.ts';
import { type EngineMarket, NEUTRAL } from '../../market.ts';
import { DecisionLog } from '../../orders/decisions.ts';
import { columnsOf } from '../../view/columns.ts';
import { prepare } from '../../view/prepare.ts';

/** The indicators of a candidate over some bars: one record a symbol. */
export type Columns = readonly Readonly<Record<string, Float64Array>>[];

export interface Replay {
  readonly log: DecisionLog;
  readonly result: SimulationResult;
}

/** Plays candidates over true and altered bars, indicators and decisions apart. */
export interface Player {
  /** Indicators of a newly evaluated candidate over these bars, symbol by symbol; `after` hears when one is done. */
  columns(bars: readonly Bars[], after?: (symbol: number) => void): Columns;
  /** The decisions of a newly evaluated candidate over these bars, its indicators being given. */
  decisions(bars: readonly Bars[], columns: Columns, range: Range): Replay;
}

/** See Player. `fresh` evaluates the candidate's file anew: what one run has seen must not be remembered by another. */
export function makePlayer(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
  asked: Params,
): Player {
  return {
    columns(bars, after) {
      const strategy = fresh();
      const params = Object.freeze({ ...strategy.params, ...asked });
      return data.map(({ symbol }, i) => {
        const columns = columnsOf(strategy, prepare(symbol, bars[i]), params);
        after?.(i);
        return columns;
      });
    },
    decisions(bars, columns, range) {
      const log = new DecisionLog();
      const played = data.map((each, i) => ({ ...each, bars: bars[i], range }));
      const request = { params: asked, scenario: NEUTRAL, detail: 'summary', range } as const;
      return { log, result: simulate(fresh(), played, request, market, { decisions: log, columns: () => columns }) };
    },
  };
}
