import { canonicalJson } from '../../../base/hash.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import { takeBack } from '../../../strategy/indicators/kernels/spare.ts';
import type { SimulationRequest, SimulationResult, SurrogateRequest } from '../../contract.ts';
import { type SimulationData, simulate } from '../../engine.ts';
import { type EngineMarket, NEUTRAL } from '../../market.ts';
import { isThere, restore, surrogateMarket, surrogateOf } from '../../surrogate.ts';
import { prepare } from '../../view/prepare.ts';
import { type ProvenColumns, provenColumns } from './lockstep.ts';
import { type Columns, makePlayer, type Replay } from './replay.ts';

/** A simulation whose indicators knew the future; its numbers are not handed out. */
export class LeakError extends Error {}

export interface Simulator {
  /** The window as it is: a surrogate that was written over it is taken back. */
  readonly own: () => readonly SimulationData[];
  /** Takes a surrogate back unless it is the one that is asked for. Without it the next question does, in the candidate's time. */
  readonly ready: (surrogate?: SurrogateRequest) => void;
  readonly play: (request: SimulationRequest) => SimulationResult;
  /** Takes what an audit of the window has proven and played with these parameters, so that it need not be done again. */
  readonly keep: (params: Params, proven: ProvenColumns, base: Replay) => void;
  /** What was kept for these parameters, if it was the last. */
  readonly kept: (params: Params) => Replay | undefined;
}

/**
 * Simulates over indicators that are proven to owe nothing to the future (see provenColumns) where callbacks of the candidate made
 * them: what is honest in the audited window need not be in another. What is played is the very numbers that were proven, since a
 * candidate may tell one computation of them from another.
 */
export function makeSimulator(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
): Simulator {
  const bars = data.map((each) => each.bars);
  // The proof takes longer than a simulation, and stress asks for the same parameters again.
  const known = new Map<string, ProvenColumns>();
  /** Columns of parameters that are no longer known, of a candidate that keeps nothing. The run under way may still read them. */
  let forgotten: Float64Array[] = [];
  const free = surrogateMarket(market);
  let audited: { readonly request: string; readonly base: Replay } | undefined;
  let last: { readonly request: string; readonly data: readonly SimulationData[] } | undefined;

  /** A surrogate that is still there: tuning asks many things of one. */
  const standing = (request: SurrogateRequest) =>
    last?.request === canonicalJson(request) && isThere(data, last.data) ? last.data : undefined;
  const surrogate = (request: SurrogateRequest) => {
    const there = standing(request);
    if (there) return there;
    last = { request: canonicalJson(request), data: surrogateOf(data, request, fresh()) };
    return last.data;
  };
  const own = () => {
    restore(data);
    return data;
  };
  const proven = (asked: Params): Columns => {
    const key = canonicalJson(asked);
    const before = known.get(key);
    if (before) return before.columns;
    const symbols = data.map((each) => prepare(each.symbol, each.bars));
    const player = makePlayer(fresh, data, market, asked);
    const found = provenColumns(player, bars, symbols, fresh().timeframe);
    if (found.foreseen) throw new LeakError(found.foreseen.message);
    remember(key, found);
    return found.columns;
  };
  const remember = (key: string, found: ProvenColumns) => {
    if (!found.custom) return;
    for (const [oldest, { made = [] }] of known) {
      if (known.size < KEPT) break;
      known.delete(oldest);
      if (fresh().stateless) forgotten.push(...made);
    }
    known.set(key, found);
  };
  const play = (request: SimulationRequest) => {
    const unread = forgotten;
    forgotten = [];
    takeBack(unread);
    // Nothing to prove: a candidate that saw the future of a surrogate would only raise the bar for itself.
    if (request.surrogate) return simulate(fresh(), surrogate(request.surrogate), request, free, { fresh });
    // Nor here: the bars end where the simulation does, and what it finds only chooses parameters.
    if (request.until !== undefined) return simulate(fresh(), own(), request, market, { fresh });
    if (audited && canonicalJson(request) === audited.request) return audited.base.result;
    return simulate(fresh(), own(), request, market, { columns: proven, fresh });
  };
  return {
    own,
    ready(request) {
      if (!request || !standing(request)) restore(data);
    },
    play,
    keep(params, found, base) {
      remember(canonicalJson({ ...fresh().params, ...params }), found);
      audited = { request: baseRequest(params), base };
    },
    kept: (params) => (audited?.request === baseRequest(params) ? audited.base : undefined),
  };
}

function baseRequest(params: Params): string {
  return canonicalJson({ params, scenario: NEUTRAL, detail: 'summary' });
}

/** Proven sets of parameters that are kept: the parts of a path, and its neighbour's. */
const KEPT = 6;
