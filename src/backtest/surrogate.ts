import { createHash } from 'node:crypto';
import { mixed } from '../base/random.ts';
import { type Bars, MINUTE, type Timeframe } from '../market/bars.ts';
import { addSquaredChanges } from './account/variation.ts';
import type { SurrogateRequest } from './contract.ts';
import type { SimulationData } from './engine.ts';
import type { EngineMarket, SymbolCosts } from './market.ts';
import { CLOSE, HIGH, LOW, OPEN, readsTape, STEP, writeTape } from './minute/tape.ts';
import { blur, noiseOf } from './noise.ts';
import { giveBack, isLent, lend, refuseLent } from './view/lent.ts';
import { prepare, prepareAltered } from './view/prepare.ts';
import { isHeld, type PriceColumns, type Scratch, scratchOf } from './view/scratch.ts';

/** What every surrogate of some bars starts from, where memory is there for it: 44 bytes a bar. */
interface Start {
  /**
   * Eight numbers a bar: open, high, low and close over the close before, then the same of the bar when it is mirrored. Single
   * precision halves the memory that each surrogate reads; rounding keeps the order of the four.
   */
  readonly ratios: Float32Array;
  /** Volume times close, which stays. */
  readonly money: Float64Array;
  readonly minute: Int32Array;
}

const starts = new WeakMap<Bars, Start>();
const seeds = new WeakMap<Bars, number>();

/**
 * A market without direction: every stretch of `holdMinutes`, each bar with the gap before it, is mirrored in log price with probability
 * one half. Times, gaps, ranges, volatility and its clusters stay; a bar's high and low change places where it is mirrored; volume is
 * scaled so that the money traded stays. All symbols are mirrored at the same times, so that what they have in common stays, unless each has `ownSigns`.
 * With `drift` every bar grows by the mean log return of the window on top. With `noise` nothing is mirrored, see blur. The coins come from
 * the data and `index` alone. The bars of one call are overwritten by the next, and by audits. The tape is written
 * where the strategy reads one (see readsTape). Those for a `universe` differ from the others by rounding; where its bars can be
 * read again they are written over, and lent until `restore`.
 */
export function surrogateOf(
  data: readonly SimulationData[],
  request: SurrogateRequest,
  { universe = false, timeframe }: { readonly universe?: boolean; readonly timeframe?: Timeframe } = {},
): SimulationData[] {
  restore(data);
  const all = data.map((each) => prepare(each.symbol, each.bars));
  const shared = mixed(seedOf(data[0].bars), request.index);
  const taped = readsTape(timeframe, universe, data.length);
  const overwrites = universe && canReread(data);
  const made: SimulationData[] = [];
  for (const [s, prepared] of all.entries()) {
    const { symbol, range } = data[s];
    const seed = request.ownSigns ? mixed(shared, s) : shared;
    const { bars } = prepared;
    const scratch = scratchOf(bars, made);
    const columns = overwrites ? bars : scratch.columns;
    const deviation = request.noise && request.index > 0 ? noiseOf(bars, range.from) : 0;
    const growth = request.drift ? Math.exp(meanChange(bars, range.from)) : 1;
    const coins = { growth, seed, holdMinutes: request.holdMinutes };
    // Lent before they are written: what is half written is not theirs.
    if (overwrites) lend(bars);
    if (request.noise) blur(columns, bars, { deviation, seed });
    else if (universe) mirror(columns, bars, coins);
    else write(scratch, startOf(bars), bars, { ...coins, taped });
    const part = (name: keyof PriceColumns) => columns[name].subarray(0, bars.length);
    const [open, high, low, close, volume] = (['open', 'high', 'low', 'close', 'volume'] as const).map(part);
    const copy = { length: bars.length, time: bars.time, open, high, low, close, volume };
    if (request.noise && !universe) addSquaredChanges(scratch.squares, copy, 0);
    if (request.noise && taped) writeTape(scratch.tape, copy, 0, bars.length);
    const tape = taped ? { with: () => scratch.tape } : undefined;
    prepareAltered(copy, prepared, 0, universe ? undefined : { tape, squares: scratch.squares });
    made.push({ symbol, bars: copy, range });
  }
  return made;
}

/** Whether a surrogate of these data is still there: the next one, and every audit, is written over it. */
export function isThere(data: readonly SimulationData[], surrogate: readonly SimulationData[]): boolean {
  return data.every(({ symbol, bars }) => isHeld(isLent(bars) ? bars : prepare(symbol, bars).bars, surrogate));
}

/**
 * Puts bars back that a surrogate was written over. Throws what `reread` throws, and Error for lent bars that cannot be read again: an audit that
 * was broken off leaves such.
 */
export function restore(data: readonly SimulationData[]): void {
  for (const { bars, reread } of data) {
    if (!isLent(bars)) continue;
    // Nobody's from here on: a reading that fails leaves neither the surrogate nor the bars.
    scratchOf(bars);
    if (reread) reread();
    else refuseLent(bars);
    giveBack(bars);
  }
}

/** Bars of which one was left out as a repetition are not those of the file. */
function canReread(data: readonly SimulationData[]): boolean {
  return data.every(({ symbol, bars, reread }) => reread !== undefined && prepare(symbol, bars).bars === bars);
}

/**
 * The rules of trading on surrogates: prices wander far from where tick, lot and smallest order made sense, and funding followed the
 * true market.
 */
export function surrogateMarket(market: EngineMarket): EngineMarket {
  const free = (costs: SymbolCosts): SymbolCosts => {
    const { fundingBps: _, fundingHistory: __, ...rest } = costs;
    return { ...rest, tick: 0, lot: 0, minQuantity: 0, minNotional: 0 };
  };
  const symbols = Object.fromEntries(Object.entries(market.symbols).map(([name, costs]) => [name, free(costs)]));
  return { ...market, symbols };
}

/** How a market is mirrored; see surrogateOf. */
interface Coins {
  readonly growth: number;
  readonly seed: number;
  readonly holdMinutes: number;
}

const NO_TAPE = new Float64Array();

/** One pass writes columns, running squares and, where it is read, the tape: most of the cost of a surrogate is memory. */
function write(
  scratch: Scratch,
  { ratios, money, minute }: Start,
  bars: Bars,
  { growth, seed, holdMinutes, taped }: Coins & { readonly taped: boolean },
): void {
  const { open, high, low, close, volume } = scratch.columns;
  const { squares } = scratch;
  const tape = taped ? scratch.tape : NO_TAPE;
  // One number holds the coins of 32 stretches in a row.
  let [group, coins] = [-1, 0];
  let level = bars.length > 0 ? bars.open[0] : 1;
  for (let i = 0, sum = 0; i < bars.length; i++) {
    const stretch = holdMinutes === 1 ? minute[i] : (minute[i] / holdMinutes) | 0;
    if (stretch >> 5 !== group) {
      group = stretch >> 5;
      coins = mixed(seed, group);
    }
    const from = 8 * i + 4 * ((coins >>> (stretch & 31)) & 1);
    const before = level;
    const grown = level * growth;
    open[i] = grown * ratios[from];
    high[i] = grown * ratios[from + 1];
    low[i] = grown * ratios[from + 2];
    level = grown * ratios[from + 3];
    close[i] = level;
    if (taped) {
      const at = i * STEP;
      tape[at + OPEN] = open[i];
      tape[at + HIGH] = high[i];
      tape[at + LOW] = low[i];
      tape[at + CLOSE] = level;
    }
    volume[i] = money[i] / level;
    sum += (level - before) ** 2;
    squares[i + 1] = sum;
  }
}

/** The columns alone, from the bars themselves, which they may be: it divides more and reads less. */
function mirror(
  { open, high, low, close, volume }: PriceColumns,
  bars: Bars,
  { growth, seed, holdMinutes }: Coins,
): void {
  const { time } = bars;
  let [group, coins] = [-1, 0];
  let level = bars.length > 0 ? bars.open[0] : 1;
  let before = level;
  for (let i = 0; i < bars.length; i++) {
    const stretch = (time[i] / MINUTE / holdMinutes) | 0;
    if (stretch >> 5 !== group) {
      group = stretch >> 5;
      coins = mixed(seed, group);
    }
    const last = bars.close[i];
    const [top, bottom] = [bars.high[i], bars.low[i]];
    if (((coins >>> (stretch & 31)) & 1) === 0) {
      const factor = (level * growth) / before;
      open[i] = factor * bars.open[i];
      high[i] = factor * top;
      low[i] = factor * bottom;
      level = factor * last;
    } else {
      const factor = level * growth * before;
      open[i] = factor / bars.open[i];
      high[i] = factor / bottom;
      low[i] = factor / top;
      level = factor / last;
    }
    close[i] = level;
    volume[i] = (bars.volume[i] * last) / level;
    before = last;
  }
}

/** Mean log return of a bar from the first of the window on. */
function meanChange({ length, time, close }: Bars, from: number): number {
  let first = 0;
  while (first < length - 1 && time[first] < from) first += 1;
  return first < length - 1 ? Math.log(close[length - 1] / close[first]) / (length - 1 - first) : 0;
}

function startOf(bars: Bars): Start {
  const start = starts.get(bars) ?? newStart(bars);
  starts.set(bars, start);
  return start;
}

function newStart({ length, time, open, high, low, close, volume }: Bars): Start {
  const ratios = new Float32Array(8 * length);
  const minute = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const before = i === 0 ? open[0] : close[i - 1];
    const bar = [open[i], high[i], low[i], close[i]].map((price) => price / before);
    ratios.set([...bar, 1 / bar[0], 1 / bar[2], 1 / bar[1], 1 / bar[3]], 8 * i);
    minute[i] = time[i] / MINUTE;
  }
  return { ratios, minute, money: volume.map((traded, i) => traded * close[i]) };
}

function seedOf(bars: Bars): number {
  const { buffer, byteOffset, byteLength } = bars.close;
  const seed =
    seeds.get(bars) ??
    createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest()
      .readInt32LE(0);
  seeds.set(bars, seed);
  return seed;
}
