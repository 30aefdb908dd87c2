import { seededRandom } from '../../../base/random.ts';
import { type Bars, DAY, type Range, TIMEFRAME_MS } from '../../../market/bars.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { MemoryReport, SimulationResult } from '../../contract.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { barsWithin } from '../../view/derived.ts';
import { prepare } from '../../view/prepare.ts';
import { agreementOfChanges, pairedChanges } from './changes.ts';
import { marketFor } from './equal-rules.ts';
import { exchange } from './exchange.ts';
import { makePlayer, type Replay } from './replay.ts';
import { restartAgreement } from './restarts.ts';
import { otherOrder, SCALES, withScaled } from './scaled.ts';

/** Later starts, days. One of each third of a month: a counter of bars that knows months is late by as many. */
const STARTS = [
  [3, 10],
  [11, 20],
  [21, 29],
] as const;
/**
 * A later start has the rules of trading of the money that there was. It lacks what was held on that day, and has another sum when that is closed:
 * orders then meet other limits of volume. Where it agrees less than this it is played again with a sum that meets the true one after so long.
 */
const ENOUGH = 0.98;
const MEET = [30 * DAY, 120 * DAY, 0];

export interface MemoryRequest {
  readonly params: Readonly<Record<string, number>>;
  readonly seed: number | string;
}

/**
 * Does a candidate remember the market it is judged on? A language model has read the history of these markets, and a date, a price or the
 * name of a coin that it recognises tells it what comes. A strategy is shown no dates. The other ways to recognise a place are tried here:
 * 1. Prices and volumes are scaled by powers of two, down and up: no decision may change.
 * 2. The bars begin some days later, and in the middle of the window: it must hold the same positions most of the time, because a counter of bars,
 *    from the start or from a landmark, is a calendar.
 * 3. The symbols of a universe exchange names and places: its returns must stay.
 *
 * `played`: the window as it was, where another audit played it with these parameters already.
 */
export function auditMemory(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
  { params, seed }: MemoryRequest,
  played?: Replay,
): MemoryReport {
  const random = seededRandom(`memory ${seed}`);
  const apart = fresh().universe === true && market.sizing.mode !== 'units';
  const playAs = (as: readonly SimulationData[], on: EngineMarket, range: Range) => {
    const player = makePlayer(fresh, as, on, params);
    const own = as.map((each) => each.bars);
    return player.decisions(own, player.columns(own), range);
  };
  const withBars = (bars: readonly Bars[]) => data.map((each, s) => ({ ...each, bars: bars[s] }));
  const play = (bars: readonly Bars[], on: EngineMarket, range: Range) => playAs(withBars(bars), on, range);
  const bars = data.map((each) => each.bars);
  const { range } = data[0];
  const truth = played ?? play(bars, market, range);
  let scaled: string | null = null;
  let exchanged: number | undefined;
  for (const k of SCALES.keys())
    withScaled(data, market, { k, apart }, (world) => {
      scaled ??= otherOrder(truth.log, playAs(world.data, world.market, range).log, world);
      if (k < SCALES.length - 1 || !fresh().universe || data.length === 1) return;
      // On scaled bars, so that a symbol without its name is not known by its price.
      const other = exchange(world.data, world.market, { named: truth.log.named, seed });
      const { result } = playAs(other.data, other.market, range);
      exchanged = sameDays(truth.result, result, range.from);
    });
  const warmup = warmupMs(fresh(), params);
  const begin = bars.find(({ length }) => length > 0)?.time[0] ?? range.from;
  /** `first`: when the bars of a symbol began in the whole run; they begin as much later as the part does. */
  const playPart = (part: Range, money: number, first: (own: Bars) => number) => {
    const later = bars.map((each, s) =>
      barsWithin(data[s].symbol, each, { from: first(each) + part.from - range.from, to: part.to }),
    );
    // It begins with the money that every start has: a sum that is another one would tell the day.
    return play(later, marketFor(market, { from: money, to: market.cash }), part).result;
  };
  const agreement = STARTS.map(([least, most]) => {
    const drawn = least + Math.floor(random() * (most - least + 1));
    // Of a short window at least three quarters are left to compare.
    const days = Math.min(drawn, Math.floor((range.to - range.from) / DAY / 4));
    const from = range.from + days * DAY;
    const settled = Math.max(from, begin + days * DAY + warmup);
    let [money, found] = [equityAt(truth.result, from) ?? market.cash, 0];
    for (const meet of MEET) {
      const result = playPart({ from, to: range.to }, money, ({ time }) => time[0]);
      found = Math.max(found, sameDays(truth.result, result, settled));
      if (found >= ENOUGH) break;
      money = market.cash * ((equityAt(truth.result, settled + meet) ?? 1) / (equityAt(result, settled + meet) ?? 1));
    }
    return found;
  });
  const restarts = restartAgreement(truth, range, random, (part) =>
    // A member that came late is there when it came: half a window later it would be another universe.
    playPart(part, equityAt(truth.result, part.from) ?? market.cash, () => Math.min(begin, range.from - warmup)),
  );
  return {
    scaled,
    agreement: Math.min(...agreement, restarts),
    ...(exchanged !== undefined && { exchanged }),
    ...(truth.result.ruined && { ruined: true }),
    prices: pricesOf(data),
  };
}

function warmupMs({ warmup, timeframe, params: own }: StrategyDefinition, params: MemoryRequest['params']): number {
  const bars = typeof warmup === 'function' ? warmup({ ...own, ...params }) : warmup;
  return (Number(bars) || 0) * TIMEFRAME_MS[timeframe];
}

/** The money that there was. Undefined where nothing was left. */
function equityAt({ days, dayEquity }: SimulationResult, from: number): number | undefined {
  const equity = dayEquity[days.findLastIndex((day) => day < from)];
  return equity > 0 ? equity : undefined;
}

function pricesOf(data: readonly SimulationData[]): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { symbol, bars } of data) {
    // Every minute lies in a day, and days are few.
    const { length, low, high } = prepare(symbol, bars).frame('1d');
    for (let i = 0; i < length; i++) {
      if (low[i] < least) least = low[i];
      if (high[i] > most) most = high[i];
    }
  }
  return [least, most];
}

/** Agreement of the daily returns of two runs from a time on. */
function sameDays(truth: SimulationResult, later: SimulationResult, from: number): number {
  return agreementOfChanges(pairedChanges(truth, later, { from, to: Number.POSITIVE_INFINITY }));
}
