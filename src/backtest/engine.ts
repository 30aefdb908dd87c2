import { RalphError } from '../base/errors.ts';
import { type Bars, MINUTE, type Range, TIMEFRAME_MS, TIMEFRAMES } from '../market/bars.ts';
import type { Params } from '../strategy/candidate.ts';
import type { StrategyDefinition } from '../strategy/definition.ts';
import { Account, sharedLedger } from './account/account.ts';
import { Costs } from './account/costs.ts';
import { Curve } from './account/curve.ts';
import type { SymbolDays } from './account/days.ts';
import { type FundingHistory, makeFunding } from './account/funding.ts';
import { makeSizer } from './account/sizing.ts';
import { Variation } from './account/variation.ts';
import type { SimulationRequest, SimulationResult } from './contract.ts';
import { playMany } from './many/play.ts';
import { type EngineMarket, WHOLE_BOOK } from './market.ts';
import { readsTape, STEP } from './minute/tape.ts';
import type { DecisionLog } from './orders/decisions.ts';
import { Desk } from './orders/desk.ts';
import { playOne } from './play-one.ts';
import { resultOf } from './result.ts';
import type { Act, Run } from './run.ts';
import { playUniverse } from './universe/play.ts';
import { columnsOf } from './view/columns.ts';
import { cutAt } from './view/cut.ts';
import { type Prepared, prepare } from './view/prepare.ts';
import { viewOf } from './view/view.ts';

/** Bars of one symbol with their warm-up; a WindowData of src/market/snapshot.ts fits. */
export interface SimulationData {
  readonly symbol: string;
  readonly bars: Bars;
  /** The scored part; bars before it are warm-up. */
  readonly range: Range;
  /** Length of a bar in ms, the execution bar; a minute when it is not given. */
  readonly interval?: number;
  /** Known funding rates of a perpetual. */
  readonly funding?: FundingHistory;
  /** Rows of memory behind the last bar of every column that an audit may write; none when it is not given. */
  readonly room?: number;
  /** Reads the bars again, into their memory; given where a surrogate may be written over them. See VerifiedWindow. */
  readonly reread?: () => void;
}

/** What a simulation may be handed besides its request: none of it changes the result. */
export interface SimulationHooks {
  /** Is filled with every order that decide() gave, in order. */
  readonly decisions?: DecisionLog;
  /** Indicators that were computed before for these parameters, one record a symbol: the strategy's own are not asked for. */
  readonly columns?: (params: Params) => readonly Readonly<Record<string, Float64Array>>[];
  /** A new evaluation of the strategy for each further part of a path: it remembers nothing of the part before. */
  readonly fresh?: () => StrategyDefinition;
}

/**
 * Plays one strategy over 1-minute bars. Pure and synchronous: equal inputs give an equal result, byte for byte.
 * `data` is in the candidate's order of symbols. Throws what the strategy throws, and RalphError for unusable data.
 */
export function simulate(
  strategy: StrategyDefinition,
  data: readonly SimulationData[],
  request: SimulationRequest,
  market: EngineMarket,
  hooks: SimulationHooks = {},
): SimulationResult {
  if (strategy.universe && !rising(data)) return inOrder(strategy, data, request, market, hooks);
  for (const each of data) refuseFiner(strategy, each);
  const seen = request.until === undefined ? data : data.map((each) => cutAt(each, request.until!));
  const symbols = seen.map(({ symbol, bars }) => prepare(symbol, bars));
  const run = openRun(strategy, seen, symbols, request, market, hooks);
  if (strategy.universe) playUniverse(run);
  else if (symbols.length === 1) playOne(run);
  else playMany(run);
  return resultOf(run, request);
}

const NOTHING = new Float64Array();

/** Symbols of a universe are played in the order of their names, so that the order in which they are handed over changes nothing. */
function inOrder(
  strategy: StrategyDefinition,
  data: readonly SimulationData[],
  request: SimulationRequest,
  market: EngineMarket,
  { columns, ...hooks }: SimulationHooks,
): SimulationResult {
  const order = data.map((_, s) => s).sort((a, b) => (data[a].symbol < data[b].symbol ? -1 : 1));
  const sorted = order.map((s) => data[s]);
  const result = simulate(strategy, sorted, request, market, {
    ...hooks,
    ...(columns && { columns: (params: Params) => order.map((s) => columns(params)[s]) }),
  });
  return { ...result, trades: { ...result.trades, symbol: result.trades.symbol.map((s) => order[s]) } };
}

function rising(data: readonly SimulationData[]): boolean {
  return data.every(({ symbol }, s) => s === 0 || data[s - 1].symbol < symbol);
}

function openRun(
  strategy: StrategyDefinition,
  data: readonly SimulationData[],
  symbols: readonly Prepared[],
  request: SimulationRequest,
  market: EngineMarket,
  hooks: SimulationHooks,
): Run {
  const actOf = (played: StrategyDefinition, own: Params, from: number): Act => {
    const params: Params = Object.freeze({ ...strategy.params, ...own });
    const columns = hooks.columns?.(params) ?? symbols.map((prepared) => columnsOf(played, prepared, params));
    const view = viewOf(Object.keys(columns[0]), strategy.calendar, symbols.length > 1);
    return { from, strategy: played, params, columns, view, warmup: warmupOf(strategy, params) };
  };
  const range = request.range ?? rangeOf(data);
  const acts = [
    actOf(strategy, request.params, Number.NEGATIVE_INFINITY),
    ...(request.path ?? []).map(({ from, params }) => actOf(hooks.fresh?.() ?? strategy, params, from)),
  ];
  const days = symbols.map((prepared) => prepared.days(range));
  const cash = market.cash * (request.scenario.cashMultiplier ?? 1);
  const account = new Account(cash, request.scenario.missEvery, sharedLedger(), hooks.decisions);
  account.shares = strategy.universe ? 1 : symbols.length;
  const desks = symbols.map((prepared, index) =>
    openDesk(account, index, data[index], prepared, days[index], strategy, request, market),
  );
  account.desks.push(...desks);
  if (strategy.universe) account.gross = (market.limits ?? WHOLE_BOOK).gross;
  const alone = symbols.length === 1 && !strategy.universe;
  const [{ bars }] = symbols;
  const variation = new Variation(
    days[0].time.length,
    days[0].from,
    cash,
    alone ? days[0].squares : NOTHING,
    bars.close,
  );
  if (alone) account.variation = variation;
  const run: Run = {
    ...acts[0],
    asked: acts[0].params,
    later: acts.slice(1),
    account,
    limits: market.limits,
    anonymous: (strategy.anonymous ?? false) || (market.anonymous ?? false),
    members: strategy.universe ? market.members : undefined,
    desks,
    symbols,
    days,
    curve: new Curve(cash, range.from),
    from: range.from,
    to: range.to,
    dayEquity: new Float64Array(days[0].time.length),
    variation,
    benchmarkVariation: alone ? days[0].variation.slice() : new Float64Array(days[0].time.length),
    times: new Float64Array(2).fill(range.from),
    bars: alone ? days[0].to - days[0].from : 0,
    barsInPosition: 0,
    exposure: Number.NaN,
    decisions: 0,
  };
  // Born as NaN, see README.
  run.exposure = 0;
  return run;
}

function openDesk(
  account: Account,
  index: number,
  { symbol, funding }: SimulationData,
  prepared: Prepared,
  days: SymbolDays,
  strategy: StrategyDefinition,
  request: SimulationRequest,
  market: EngineMarket,
): Desk {
  const costs = market.symbols[symbol];
  if (costs === undefined) {
    throw new RalphError(`no costs are known for the symbol ${symbol}`, {
      remedy: `Add it to symbols in config/market.yaml; known are ${Object.keys(market.symbols).join(', ')}.`,
    });
  }
  const { costMultiplier, restingSpreads = 0 } = request.scenario;
  const taped = readsTape(strategy.timeframe, strategy.universe === true, account.shares);
  return new Desk({
    index,
    symbol,
    account,
    bars: prepared.bars,
    tape: taped ? prepared.tape.with(days.from, days.to) : new Float64Array(STEP),
    frame: prepared.frame(strategy.timeframe),
    costs: new Costs(costs, costMultiplier, restingSpreads && restingSpreads * prepared.halfSpread()),
    sizer: makeSizer(market.sizing, () => prepared.frame('1d')),
    funding: makeFunding(costs, funding),
    delay: request.scenario.delayBars,
    spot: costs.kind === 'spot',
  });
}

/** A bar of an hour has no minutes inside: a decision every 5 minutes would see its end at its beginning. */
function refuseFiner({ timeframe }: StrategyDefinition, { symbol, interval = MINUTE }: SimulationData): void {
  if (TIMEFRAME_MS[timeframe] >= interval) return;
  const usable = TIMEFRAMES.filter((each) => TIMEFRAME_MS[each] >= interval);
  throw new RalphError(`timeframe ${timeframe} is finer than the bars of ${symbol}, which are ${usable[0]}`, {
    remedy: `Use one of ${usable.join(', ')}.`,
  });
}

/** The range that all symbols' windows cover: they come from one window, so the first speaks for all. */
function rangeOf(data: readonly SimulationData[]): Range {
  if (data.length === 0) throw new RangeError('simulate: expected bars of at least one symbol');
  return data[0].range;
}

function warmupOf(strategy: StrategyDefinition, params: Params): number {
  const bars = typeof strategy.warmup === 'function' ? strategy.warmup(params) : strategy.warmup;
  if (typeof bars === 'number' && bars >= 0 && bars < Infinity) return Math.max(1, Math.ceil(bars));
  throw new TypeError(`warmup must give a number of bars, 0 or more, got ${String(bars)}`);
}
