import { firstIndex } from '../../../base/numbers.ts';
import { seededRandom } from '../../../base/random.ts';
import { type Bars, DAY, MINUTE, TIMEFRAME_MS } from '../../../market/bars.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { FutureReport } from '../../contract.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { prepare } from '../../view/prepare.ts';
import { chooseCuts } from './cuts.ts';
import { firstOtherDay, firstOtherDecision, firstOtherValue, rowsUpTo } from './difference.ts';
import { type Alterable, alterable, type Future, type FutureKind, minutesOfFuture, withRoom } from './future.ts';
import { provenColumns } from './lockstep.ts';
import { moment } from './moment.ts';
import { type Columns, makePlayer, type Replay } from './replay.ts';
import type { Simulator } from './simulations.ts';

export interface AuditRequest {
  readonly params: Params;
  readonly cuts: number;
  readonly seed: number | string;
}

const KINDS: readonly FutureKind[] = ['mirror', 'rise', 'mirror', 'fall'];
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
  const length = minutesOfFuture(timeframe);
  // The same bars a second time cannot be lent a second time.
  const repeated = (i: number) => data.findIndex(({ bars }) => bars === data[i].bars) < i;
  const bars = data.map((each, i) => withRoom(repeated(i) ? { ...each, room: 0 } : each, length));
  const { range } = data[0];
  const symbols = data.map(({ symbol }, i) => prepare(symbol, bars[i]));
  const proven = provenColumns(player, bars, symbols, timeframe);
  const { columns, foreseen } = proven;
  if (foreseen)
    return { cuts: 0, compared: 0, leak: { cut: foreseen.time, decision: foreseen.time, message: foreseen.message } };
  const whole = player.decisions(bars, columns, range);
  const copies = symbols.map((each) => alterable(each, length));
  const times = chooseCuts(whole.log, cuts, range, random);
  const throughout = new Set([0, times.length >> 1]);
  let compared = 0;
  for (const [k, cut] of times.entries()) {
    const kind = KINDS[k % KINDS.length];
    const all = throughout.has(k);
    const from = all ? range.from : Math.max(range.from, cut - STRETCH_BARS * TIMEFRAME_MS[timeframe]);
    const truth = all ? whole : player.decisions(bars, columns, { from, to: nextOpen(bars, cut) + MINUTE });
    const closed = symbols.map((each) => closedBy(each.frame(timeframe).time, cut));
    // Where the whole past is replayed the engine builds all of it again; elsewhere the bars before the cut are as built.
    const altered = { known: !all, future: { cut, kind, length, random } };
    const leak = withFuture(copies, bars, altered, (others) => {
      const seen = player.columns(others);
      const other = otherColumn(columns, seen, closed, cut, (i, at) => symbols[i].frame(timeframe).time[at]);
      if (other) return other;
      return otherOrder(truth, player.decisions(others, seen, { from, to: nextOpen(others, cut) + MINUTE }), cut);
    });
    compared += closed.reduce((sum, count, i) => sum + count * Object.keys(columns[i]).length, 0);
    compared += all ? rowsUpTo(whole.log, cut) : 0;
    if (leak) return { cuts: k + 1, compared, leak };
  }
  keep(params, proven, whole);
  return { cuts: times.length, compared, leak: null };
}

/** What `use` finds while the future of all symbols is another one. */
function withFuture<T>(
  copies: readonly Alterable[],
  bars: readonly Bars[],
  { future, known }: { readonly future: Future; readonly known: boolean },
  use: (altered: readonly Bars[]) => T,
): T {
  const ends = bars.map(({ time, length }) => (length === 0 ? 0 : time[length - 1]));
  const last = Math.max(...ends);
  try {
    const altered = copies.map((copy, i) => {
      const keep = closedBy(bars[i].time, future.cut - 1);
      // What was delisted before the cut stays so: bars invented behind its end would undo the sale.
      const gone = ends[i] < future.cut && last - ends[i] >= DAY;
      return keep === 0 || gone ? bars[i] : copy.alter(future, keep, known ? keep : 0);
    });
    return use(altered);
  } finally {
    for (const copy of copies) copy.putBack();
  }
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

function otherOrder(truth: Replay, other: Replay, cut: number): Leak | undefined {
  const decision = firstOtherDecision(truth.log, other.log, cut);
  if (decision !== undefined) return leakOf('order of', decision, cut);
  const { days, dayEquity } = truth.result;
  const day = firstOtherDay(days, dayEquity, other.result.dayEquity, cut);
  return day === undefined ? undefined : leakOf('equity of the day of', day, cut);
}

/** One bar after the cut has to be there for the engine to ask for a decision at it; where a gap ends the window there is none, and it asks all the same. */
function nextOpen(all: readonly Bars[], cut: number): number {
  const opens = all
    .filter(({ length }) => length > 0)
    .map(({ time, length }) => time[Math.min(length - 1, closedBy(time.subarray(0, length), cut - 1))]);
  return Math.max(cut, ...opens);
}

/** How many of rising times are at or before `at`. */
function closedBy(time: Float64Array, at: number): number {
  return firstIndex(time.length, (i) => time[i] > at);
}

function leakOf(what: string, decision: number, cut: number): Leak {
  const changed = `${what} ${moment(decision)} changed when only bars after ${moment(cut)} were replaced`;
  return { cut, decision, message: `the ${changed}: it uses the future` };
}
