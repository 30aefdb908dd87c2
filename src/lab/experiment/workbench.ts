import type { SimulationResult } from '../../backtest/contract.ts';
import { type SimulationData, simulate } from '../../backtest/engine.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { surrogateMarket, surrogateOf } from '../../backtest/surrogate.ts';
import { messageOf } from '../../base/errors.ts';
import { canonicalJson } from '../../base/hash.ts';
import { inTurn } from '../../gates/workbench/spread.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';

/** Windows of one market in memory. */
export interface ArenaWindows {
  readonly train: SimulationData;
  readonly folds: readonly SimulationData[];
}

/** Simulations that were played on this market, by what was asked. */
export type Played = Map<string, SimulationResult>;

/** Simulations kept in memory, about 40 kB each. */
const MOST_PLAYED = 8000;

/**
 * Plays a trusted strategy of the shipped library in this process, with the engine that the box runs; what was played on this
 * market before is not played again. The audit says "no leak": that the library is causal is tested elsewhere.
 */
export function arenaWorkbench(
  name: string,
  strategy: StrategyDefinition,
  windows: ArenaWindows,
  market: EngineMarket,
  played: Played,
): Workbench {
  if (played.size > MOST_PLAYED) played.clear();
  return {
    folds: windows.folds.length,
    // Nothing here is tuned.
    ...inTurn(async () => ({ ok: false, kind: 'policy', message: 'the arena tunes nothing' })),
    simulate: async (window, requests) => {
      const data = [window === 'train' ? windows.train : windows.folds[window.fold]];
      try {
        const value = requests.map((request) => {
          const key = `${name} ${canonicalJson([window, request])}`;
          const result = played.get(key) ?? simulate(strategy, data, request, market);
          played.set(key, result);
          return result;
        });
        return { ok: true, value };
      } catch (thrown) {
        return { ok: false, kind: 'throw', message: messageOf(thrown) };
      }
    },
    surrogates: async (requests) => ({
      ok: true,
      value: requests.map((request) =>
        simulate(strategy, surrogateOf([windows.train], request.surrogate!), request, surrogateMarket(market)),
      ),
    }),
    audit: async (_, cuts) => ({ ok: true, value: { cuts, compared: 0, leak: null } }),
    close: async () => {},
  };
}
