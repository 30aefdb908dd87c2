import { canonicalJson } from '../../../base/hash.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { SimulationRequest, SimulationResult, SurrogateRequest } from '../../contract.ts';
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
  const known = new Map<string, Columns>();
  const free = surrogateMarket(market);
  let last: { readonly request: string; readonly data: readonly SimulationData[] } | undefined;

  /** Tuning asks many things of one surrogate; each is written over the one before. */
  const surrogate = (request: SurrogateRequest) => {
    const key = canonicalJson(request);
    if (last?.request !== key) last = { request: key, data: surrogateOf(data, request) };
    return last.data;
  };
  const proven = (asked: Params): Columns => {
    const key = canonicalJson(asked);
    const before = known.get(key);
    if (before) return before;
    const symbols = data.map((each) => prepare(each.symbol, each.bars));
    const player = makePlayer(fresh, data, market, asked);
    const { columns, custom, foreseen } = provenColumns(player, bars, symbols, fresh().timeframe);
    if (foreseen) throw new LeakError(foreseen.message);
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
    if (custom) known.set(key, columns);
    return columns;
  };
  return (request) => {
    // Nothing to prove: a candidate that saw the future of a surrogate would only raise the bar for itself.
    if (request.surrogate) return simulate(fresh(), surrogate(request.surrogate), request, free, { fresh });
    // Nor here: the bars end where the simulation does, and what it finds only chooses parameters.
    if (request.until !== undefined) return simulate(fresh(), data, request, market, { fresh });
    return simulate(fresh(), data, request, market, { columns: proven, fresh });
  };
}

/** Proven sets of parameters that are kept: the parts of a path, and its neighbour's. */
const KEPT = 6;
