import { canonicalJson } from '../../../base/hash.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { SimulationRequest, SimulationResult } from '../../contract.ts';
import { type SimulationData, simulate } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { surrogateMarket, surrogateOf } from '../../surrogate.ts';
import { prepare } from '../../view/prepare.ts';
import { provenColumns } from './lockstep.ts';
import { type Columns, makePlayer } from './replay.ts';

/** A simulation whose indicators knew the future; its numbers are not handed out. */
export class LeakError extends Error {}

/**
 * Simulates over indicators that are proven to owe nothing to the future (see provenColumns) where callbacks of the candidate made
 * them: what is honest in the audited window need not be in another. What is played is the very numbers that were proven, since a
 * candidate may tell one computation of them from another.
 */
export function makeSimulator(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
): (request: SimulationRequest) => SimulationResult {
  const bars = data.map((each) => each.bars);
  // The proof takes longer than a simulation, and stress asks for the same parameters again.
  let last: { readonly params: string; readonly columns: Columns } | undefined;
  const free = surrogateMarket(market);
  return (request) => {
    // Nothing to prove: a candidate that saw the future of a surrogate would only raise the bar for itself.
    if (request.surrogate) return simulate(fresh(), surrogateOf(data, request.surrogate), request, free);
    const params = canonicalJson(request.params);
    if (last?.params === params) return simulate(fresh(), data, request, market, { columns: last.columns });
    const strategy = fresh();
    const symbols = data.map((each) => prepare(each.symbol, each.bars));
    const player = makePlayer(fresh, data, market, request.params);
    const { columns, custom, foreseen } = provenColumns(player, bars, symbols, strategy.timeframe);
    if (foreseen) throw new LeakError(foreseen.message);
    last = custom ? { params, columns } : undefined;
    return simulate(strategy, data, request, market, { columns });
  };
}
