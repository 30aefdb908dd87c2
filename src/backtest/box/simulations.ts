import { canonicalJson } from '../../base/hash.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import type { SimulationRequest, SimulationResult } from '../contract.ts';
import { type SimulationData, simulate } from '../engine.ts';
import type { EngineMarket } from '../market.ts';
import { prepare } from '../prepare.ts';
import { recordCustoms } from './customs.ts';
import { provenColumns } from './lockstep.ts';
import { makePlayer } from './replay.ts';

/** A simulation whose indicators knew the future; its numbers are not handed out. */
export class LeakError extends Error {}

/**
 * Simulates, and where the candidate has custom indicators proves once for each set of parameters that they owe nothing
 * to the future (see provenColumns): what is honest in the audited window need not be in another.
 */
export function makeSimulator(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
): (request: SimulationRequest) => SimulationResult {
  const proven = new Set<string>();
  return (request) => {
    const { value, made } = recordCustoms(() => simulate(fresh(), data, request, market));
    const key = canonicalJson(request.params);
    if (made.length === 0 || proven.has(key)) return value;
    const symbols = data.map(({ symbol, bars }) => prepare(symbol, bars));
    const bars = symbols.map((each) => each.bars);
    const player = makePlayer(fresh, data, market, request.params);
    const { foreseen } = provenColumns(player, bars, symbols, fresh().timeframe);
    if (foreseen) throw new LeakError(foreseen.message);
    proven.add(key);
    return value;
  };
}
