import { firstIndex } from '../../../base/numbers.ts';
import { seededRandom } from '../../../base/random.ts';
import { type Bars, DAY, MINUTE, TIMEFRAME_MS } from '../../../market/bars.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { FutureReport } from '../../contract.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { prepare, prepareAltered } from '../../view/prepare.ts';
import { scratchesOf } from '../../view/scratch.ts';
import { chooseCuts } from './cuts.ts';
import { firstOtherDay, firstOtherDecision, firstOtherValue, rowsUpTo } from './difference.ts';
import { type Alterable, alterable, type FutureKind } from './future.ts';
import { provenColumns } from './lockstep.ts';
import { moment } from './moment.ts';
import { type Columns, makePlayer, type Player, type Replay } from './replay.ts';
import type { Simulator } from './simulations.ts';

export interface AuditRequest {
  readonly params: Params;
  readonly cuts: number;
  readonly seed: number | string;
}

const KINDS: readonly FutureKind[] = ['mirror', 'rise', 'mirror', 'fall'];
/** Invented bars after a cut: at least this many minutes, and this many bars of the strategy's timeframe. */
const FUTURE_MINUTES = 1_500;
const FUTURE_BARS = 25;
/** Bars of the timeframe before a cut whose decisions are played again; of two cuts the whole past is. */
const STRETCH_BARS = 1_000;

type Leak = NonNullable<FutureReport['leak']>;

/**
 * Proves that no decision depends on the future, to the last bit, in three steps:
 * 1. The custom indicators are computed bar by bar, all of them (see provenColumns).
 * 2. At each cut the past is kept and the future replaced; the candidate's file is evaluated anew, and every value of every indicator up to
 *    the cut must be what it was.
 * 3. The decisions are played over the same bars, from `STRETCH_BARS` before the cut (at the first and the middle cut from the start of the
 *    window): every order up to the cut and every day's equity must be what it was.
 * decide() sees nothing of the series but the indicators compared and what the engine shows of closed bars. So step 2 carries the proof over
 * the whole past, and step 3 proves the engine's part of it. `keep` is told what was proven and played, where no leak was found.
 */
export function auditCausality(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
  { params, cuts, seed }: AuditRequest,
  keep: Simulator['keep'] = () => {},
): FutureReport {
  const random = seededRandom(seed);
  const player = makePlayer(fresh, data, market, params);
  const { timeframe } = fresh();
  const bars = data.map(({ symbol, bars: given }) => prepare(symbol, given).bars);
  const { range } = data[0];
  const symbols = data.map(({ symbol }, i) => prepare(symbol, bars[i]));
  const proven = provenColumns(player, bars, symbols, timeframe);
  const { columns, foreseen } = proven;
  if (foreseen)
    return { cuts: 0, compared: 0, leak: { cut: foreseen.time, decision: foreseen.time, message: foreseen.message } };
  const whole = player.decisions(bars, columns, range);
  const length = Math.max(FUTURE_MINUTES, (FUTURE_BARS * TIMEFRAME_MS[timeframe]) / MINUTE);
  const scratches = scratchesOf(bars, length);
  const copies = bars.map((each, i) => alterable(each, scratches[i]));
  const times = chooseCuts(whole.log, cuts, range, random);
  const throughout = new Set([0, times.length >> 1]);
  let compared = 0;
  for (const [k, cut] of times.entries()) {
    const altered = alter(copies, bars, cut, length, KINDS[k % KINDS.length], random);
    for (const [i, each] of altered.entries()) {
      if (each === bars[i]) continue;
      // Where the whole past is replayed the engine builds all of it again; elsewhere the bars before the cut are as built.
      const known = throughout.has(k) ? 0 : closedBy(bars[i].time, cut - 1);
      prepareAltered(data[i].symbol, each, bars[i], known, copies[i].room);
    }
    const seen = player.columns(altered);
    const closed = symbols.map((each) => closedBy(each.frame(timeframe).time, cut));
    const leak =
      otherColumn(columns, seen, closed, cut, (i, at) => symbols[i].frame(timeframe).time[at]) ??
      otherOrder(player, { bars, columns, altered, seen, cut }, startOf(k));
    compared += closed.reduce((sum, count, i) => sum + count * Object.keys(columns[i]).length, 0);
    compared += throughout.has(k) ? rowsUpTo(whole.log, cut) : 0;
    if (leak) return { cuts: k + 1, compared, leak };
  }
  keep(params, proven, whole);
  return { cuts: times.length, compared, leak: null };

  function startOf(k: number): { from: number; truth?: Replay } {
    if (throughout.has(k)) return { from: range.from, truth: whole };
    return { from: Math.max(range.from, times[k] - STRETCH_BARS * TIMEFRAME_MS[timeframe]) };
  }
}

function alter(
  copies: readonly Alterable[],
  bars: readonly Bars[],
  cut: number,
  length: number,
  kind: FutureKind,
  random: () => number,
): Bars[] {
  const ends = bars.map(({ time, length: count }) => (count === 0 ? 0 : time[count - 1]));
  const last = Math.max(...ends);
  return copies.map((copy, i) => {
    const keep = closedBy(bars[i].time, cut - 1);
    // What was delisted before the cut stays so: bars invented behind its end would undo the sale.
    const gone = ends[i] < cut && last - ends[i] >= DAY;
    return keep === 0 || gone ? bars[i] : copy.alter(cut, keep, length, kind, random);
  });
}

function otherColumn(
  truth: Columns,
  seen: Columns,
  closed: readonly number[],
  cut: number,
  timeOf: (symbol: number, at: number) => number,
): Leak | undefined {
  for (const [i, columns] of truth.entries()) {
    const names = Object.keys(columns);
    if (names.join() !== Object.keys(seen[i]).join()) {
      return { cut, decision: cut, message: `other indicators exist when only bars after ${moment(cut)} are replaced` };
    }
    for (const name of names) {
      const at = firstOtherValue(columns[name], seen[i][name], closed[i]);
      if (at >= 0) return leakOf(`indicator "${name}" at`, timeOf(i, at), cut);
    }
  }
  return undefined;
}

interface Worlds {
  readonly bars: readonly Bars[];
  readonly columns: Columns;
  readonly altered: readonly Bars[];
  readonly seen: Columns;
  readonly cut: number;
}

function otherOrder(
  player: Player,
  { bars, columns, altered, seen, cut }: Worlds,
  start: { from: number; truth?: Replay },
): Leak | undefined {
  // One bar after the cut has to be there for the engine to ask for a decision at it; where a gap ends the window there is none, and it asks all the same.
  const next = (all: readonly Bars[]) =>
    Math.max(
      cut,
      ...all
        .filter(({ length }) => length > 0)
        .map(({ time, length }) => time[Math.min(length - 1, closedBy(time.subarray(0, length), cut - 1))]),
    );
  const truth = start.truth ?? player.decisions(bars, columns, { from: start.from, to: next(bars) + MINUTE });
  const other = player.decisions(altered, seen, { from: start.from, to: next(altered) + MINUTE });
  const decision = firstOtherDecision(truth.log, other.log, cut);
  if (decision !== undefined) return leakOf('order of', decision, cut);
  const { days, dayEquity } = truth.result;
  const day = firstOtherDay(days, dayEquity, other.result.dayEquity, cut);
  return day === undefined ? undefined : leakOf('equity of the day of', day, cut);
}

/** How many of rising times are at or before `at`. */
function closedBy(time: Float64Array, at: number): number {
  return firstIndex(time.length, (i) => time[i] > at);
}

function leakOf(what: string, decision: number, cut: number): Leak {
  const changed = `${what} ${moment(decision)} changed when only bars after ${moment(cut)} were replaced`;
  return { cut, decision, message: `the ${changed}: it uses the future` };
}
