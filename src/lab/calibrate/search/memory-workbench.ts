import { auditMemory } from '../../../backtest/box/child/memory.ts';
import type { BoxAnswer, SimulationRequest, SimulationResult } from '../../../backtest/contract.ts';
import { type SimulationData, simulate } from '../../../backtest/engine.ts';
import type { EngineMarket } from '../../../backtest/market.ts';
import { isThere, surrogateMarket, surrogateOf } from '../../../backtest/surrogate.ts';
import { messageOf } from '../../../base/errors.ts';
import { canonicalJson } from '../../../base/hash.ts';
import { spreadOver } from '../../../gates/workbench/spread.ts';
import type { Workbench } from '../../../gates/workbench/workbench.ts';
import { barsBetween, DAY, type Range } from '../../../market/bars.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import { byDailyCloses, type Defence } from './defences.ts';
import type { Ground, Space } from './search.ts';

/** Bars before every window that indicators settle on. */
export const WARMUP_DAYS = 60;

/** Windows in memory, symbol by symbol. */
export interface MemoryWindows {
  readonly train: readonly SimulationData[];
  readonly folds: readonly (readonly SimulationData[])[];
}

/** What was played of one strategy before, so that the same search can be judged again by other gates for nothing. */
type Played = Map<string, unknown>;

/** The end of the train window that smoke plays, cut once a market: its indicators need not run over four years. */
const shortened = new WeakMap<MemoryWindows, readonly SimulationData[]>();

function shorten(windows: MemoryWindows, range: Range): readonly SimulationData[] {
  const data = windows.train.map(({ bars, symbol }) => ({
    symbol,
    bars: barsBetween(bars, range.from - WARMUP_DAYS * DAY, range.to),
    range,
  }));
  shortened.set(windows, data);
  return data;
}

/**
 * Plays a TRUSTED strategy in this process with the engine that the box runs. Its memory is audited as in the box; looking ahead is
 * not, because calibration asks what luck and cheats do, and causality is tested on its own. Without a defence it answers
 * as if that defence did not exist.
 */
function memoryWorkbench(
  { definition, fresh = () => definition }: Space,
  windows: MemoryWindows,
  market: EngineMarket,
  own: Played,
  off: readonly Defence[],
): Workbench {
  const free = surrogateMarket(market);
  const once = <T>(key: unknown, compute: () => T): T => {
    const name = canonicalJson(key);
    if (!own.has(name)) own.set(name, compute());
    return own.get(name) as T;
  };
  /** As the gates see it with the defences that are on. */
  const seen = (key: unknown, result: SimulationResult) =>
    off.includes('insideDay') ? once(['daily closes', key], () => byDailyCloses(result)) : result;
  const surrogate = (request: SimulationRequest): SimulationResult => {
    const { drift, noise } = request.surrogate!;
    // One null in place of both: what passes it passes it again.
    const drifts = off.includes('driftNull') ? false : drift || off.includes('null');
    const kind = { ...request.surrogate!, drift: !noise && drifts };
    const asked = { ...request, surrogate: kind };
    const play = () => slim(simulate(fresh(), surrogateOf(windows.train, kind, definition), asked, free, { fresh }));
    return seen(asked, once(asked, play));
  };
  /** What the tuner asks is too much to keep, and it keeps it itself. */
  let last: { readonly key: string; readonly data: SimulationData[] } | undefined;
  const tuned = (request: SimulationRequest): SimulationResult => {
    if (!request.surrogate) return simulate(fresh(), windows.train, request, market, { fresh });
    const key = canonicalJson(request.surrogate);
    if (last?.key !== key || !isThere(windows.train, last.data))
      last = { key, data: surrogateOf(windows.train, request.surrogate, definition) };
    return simulate(fresh(), last.data, request, free, { fresh });
  };
  return {
    folds: windows.folds.length,
    spread: (jobs) => spreadOver([async (requests) => answered(() => requests.map(tuned))], jobs),
    allowed: async (points) =>
      answered(() => points.map((point) => definition.where?.({ ...definition.params, ...point }) ?? true)),
    simulate: async (window, requests) => {
      const whole = window === 'train' ? windows.train : windows.folds[window.fold];
      return answered(() =>
        requests.map((request) => {
          const data =
            request.range && !request.path ? (shortened.get(windows) ?? shorten(windows, request.range)) : whole;
          const key = [window, request];
          return seen(
            key,
            once(key, () => simulate(fresh(), data, request, market, { fresh })),
          );
        }),
      );
    },
    surrogates: async (requests) => answered(() => requests.map(surrogate)),
    audit: async (params, cuts) =>
      answered(() => {
        const memory = once(['audit', params], () => auditMemory(fresh, windows.train, market, { params, seed: 1 }));
        return { cuts, compared: 0, leak: null, memory };
      }),
    close: async () => {},
  };
}

function answered<T>(compute: () => T): BoxAnswer<T> {
  try {
    return { ok: true, value: compute() };
  } catch (thrown) {
    return { ok: false, kind: 'throw', message: messageOf(thrown) };
  }
}

/** Without its list of trades: a search may keep thousands of surrogates. */
function slim(result: SimulationResult): SimulationResult {
  const { side } = result.trades;
  const none = new Float64Array();
  const empty = { entryTime: none, exitTime: none, entryPrice: none, exitPrice: none, quantity: none, profit: none };
  return { ...result, trades: { length: 0, symbol: new Uint8Array(), side: side.slice(0, 0), ...empty } };
}

/** The ground of a search on one market in memory; what it plays is kept as long as the ground is. */
export function memoryGround(windows: MemoryWindows, market: EngineMarket): Ground {
  const played = new Map<StrategyDefinition, Played>();
  return {
    benchOf: ({ space }, off = []) => {
      const own = played.get(space.definition) ?? new Map();
      played.set(space.definition, own);
      return memoryWorkbench(space, windows, market, own, off);
    },
    train: windows.train[0].range,
    market: windows.train,
    selectionDays: windows.folds.reduce((sum, [{ range }]) => sum + (range.to - range.from) / DAY, 0),
  };
}
