import type { SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import { type SimulationData, simulate } from '../../backtest/engine.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { surrogateMarket, surrogateOf } from '../../backtest/surrogate.ts';
import { messageOf } from '../../base/errors.ts';
import { canonicalJson } from '../../base/hash.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import { barsBetween, DAY, type Range } from '../../market/bars.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import type { Ground, Space } from './search.ts';

/** Bars before every window that indicators settle on. */
export const WARMUP_DAYS = 60;

/** Windows of one symbol in memory. */
export interface MemoryWindows {
  readonly train: SimulationData;
  readonly folds: readonly SimulationData[];
}

/** Simulations of one market that were played before, so that the same search can be judged again by other gates for nothing. */
export type Played = Map<StrategyDefinition, Map<string, SimulationResult>>;

/** The end of the train window that smoke plays, cut once a market: its indicators need not run over four years. */
const shortened = new WeakMap<MemoryWindows, SimulationData>();

function shorten(windows: MemoryWindows, range: Range): SimulationData {
  const { bars, symbol } = windows.train;
  const data = { symbol, bars: barsBetween(bars, range.from - WARMUP_DAYS * DAY, range.to), range };
  shortened.set(windows, data);
  return data;
}

/**
 * Plays a TRUSTED strategy, one of the shipped library, in this process with the engine that the box runs. The audit is answered
 * with "no leak": calibration asks what luck does, and the library's causality is tested on its own.
 */
function memoryWorkbench(
  { definition: strategy, fresh = () => strategy }: Space,
  windows: MemoryWindows,
  market: EngineMarket,
  played: Played,
): Workbench {
  const own = played.get(strategy) ?? new Map<string, SimulationResult>();
  played.set(strategy, own);
  return {
    folds: windows.folds.length,
    simulate: async (window, requests) => {
      const whole = window === 'train' ? windows.train : windows.folds[window.fold];
      const results: SimulationResult[] = [];
      try {
        for (const request of requests) {
          const key = canonicalJson([window, request]);
          const data = request.range ? (shortened.get(windows) ?? shorten(windows, request.range)) : whole;
          const result = own.get(key) ?? simulate(fresh(), [data], request, market);
          own.set(key, result);
          results.push(result);
        }
      } catch (thrown) {
        return { ok: false, kind: 'throw', message: messageOf(thrown) };
      }
      return { ok: true, value: results };
    },
    surrogates: async (requests) => {
      const free = surrogateMarket(market);
      const play = (request: SimulationRequest) =>
        simulate(fresh(), surrogateOf([windows.train], request.surrogate!), request, free);
      return { ok: true, value: requests.map(play) };
    },
    audit: async (_, cuts) => ({ ok: true, value: { cuts, compared: 0, leak: null } }),
    close: async () => {},
  };
}

/** The ground of a search on one market in memory; simulations are kept in `played`. */
export function memoryGround(windows: MemoryWindows, market: EngineMarket, played: Played): Ground {
  return {
    benchOf: ({ space }) => memoryWorkbench(space, windows, market, played),
    train: windows.train.range,
    selectionDays: windows.folds.reduce((sum, { range }) => sum + (range.to - range.from) / DAY, 0),
  };
}
