import { createHash } from 'node:crypto';
import type { Bars } from '../market/bars.ts';
import { DAY, MINUTE } from '../market/bars.ts';
import type { SurrogateRequest } from './contract.ts';
import type { SimulationData } from './engine.ts';
import type { EngineMarket, SymbolCosts } from './market.ts';
import { CLOSE, HIGH, LOW, OPEN, STEP } from './minute/tape.ts';
import { prepare, prepareAltered } from './view/prepare.ts';
import { type COLUMNS, noteWritten, type Scratch, scratchesOf } from './view/scratch.ts';

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
 * the data and `index` alone. The bars of one call are overwritten by the next, and by audits. For a `universe` they take less memory, since its
 * run reads no minute tape; they differ from the others by rounding.
 */
export function surrogateOf(
  data: readonly SimulationData[],
  request: SurrogateRequest,
  { universe = false }: { readonly universe?: boolean } = {},
): SimulationData[] {
  const shared = mixed(seedOf(data[0].bars), request.index);
  const made: SimulationData[] = [];
  for (const [s, { symbol, bars: given, range }] of data.entries()) {
    const seed = request.ownSigns ? mixed(shared, s) : shared;
    const { bars } = prepare(symbol, given);
    const [scratch] = scratchesOf([bars], 0);
    noteWritten(scratch, 0, bars.length, made);
    if (request.noise) {
      const deviation = request.index === 0 ? 0 : noiseOf(bars, range.from);
      blur(scratch, bars, { deviation, seed, universe });
    } else {
      const growth = request.drift ? Math.exp(meanChange(bars, range.from)) : 1;
      if (universe) mirror(scratch, bars, growth, seed, request.holdMinutes);
      else write(scratch, startOf(bars), bars, growth, seed, request.holdMinutes);
    }
    const part = (name: (typeof COLUMNS)[number]) => scratch.columns[name].subarray(0, bars.length);
    const [open, high, low, close, volume] = (['open', 'high', 'low', 'close', 'volume'] as const).map(part);
    const copy = { length: bars.length, time: bars.time, open, high, low, close, volume };
    prepareAltered(symbol, copy, bars, 0, universe ? undefined : { tape: scratch.tape, squares: scratch.squares });
    made.push({ symbol, bars: copy, range });
  }
  return made;
}

/** Whether a surrogate of these data is still there: the next one, and every audit, is written over it. */
export function isThere(data: readonly SimulationData[], surrogate: readonly SimulationData[]): boolean {
  const bars = data.map((each) => prepare(each.symbol, each.bars).bars);
  return scratchesOf(bars, 0).every(({ holds }) => holds === surrogate);
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

/** One pass writes columns, tape and running squares: most of the cost of a surrogate is memory. */
function write(
  { columns: { open, high, low, close, volume }, tape, squares }: Scratch,
  { ratios, money, minute }: Start,
  bars: Bars,
  growth: number,
  seed: number,
  holdMinutes: number,
): void {
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
    const at = i * STEP;
    open[i] = tape[at + OPEN] = grown * ratios[from];
    high[i] = tape[at + HIGH] = grown * ratios[from + 1];
    low[i] = tape[at + LOW] = grown * ratios[from + 2];
    level = grown * ratios[from + 3];
    close[i] = tape[at + CLOSE] = level;
    volume[i] = money[i] / level;
    sum += (level - before) ** 2;
    squares[i + 1] = sum;
  }
}

/** The columns alone, from the bars themselves: it divides more and reads less. */
function mirror({ columns }: Scratch, bars: Bars, growth: number, seed: number, holdMinutes: number): void {
  const { open, high, low, close, volume } = columns;
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
    if (((coins >>> (stretch & 31)) & 1) === 0) {
      const factor = (level * growth) / before;
      open[i] = factor * bars.open[i];
      high[i] = factor * bars.high[i];
      low[i] = factor * bars.low[i];
      level = factor * last;
    } else {
      const factor = level * growth * before;
      open[i] = factor / bars.open[i];
      high[i] = factor / bars.low[i];
      low[i] = factor / bars.high[i];
      level = factor / last;
    }
    close[i] = level;
    volume[i] = (bars.volume[i] * last) / level;
    before = last;
  }
}

/** Noise on prices as a share of the volatility of a minute: 1.3 basis points on BTCUSD 2013-15. */
const NOISE = 0.1;
/** Noise on volumes as a share of the volume. */
const VOLUME_NOISE = 0.01;

/** Standard deviation of the noise on prices. The volatility is that of daily changes, since bounce makes that of minutes too large. */
function noiseOf({ length, time, close }: Bars, from: number): number {
  let [last, sum, minutes] = [-1, 0, 0];
  for (let i = 0; i < length; i++) {
    if (time[i] < from || (last >= 0 && time[i] < time[last] + DAY)) continue;
    if (last >= 0) {
      sum += Math.log(close[i] / close[last]) ** 2;
      minutes += (time[i] - time[last]) / MINUTE;
    }
    last = i;
  }
  return minutes > 0 ? NOISE * Math.sqrt(sum / minutes) : 0;
}

/** Writes the window with the prices of every bar times a random factor near 1, and its volume times another. */
function blur(
  { columns, tape, squares }: Scratch,
  bars: Bars,
  { deviation, seed, universe }: { readonly deviation: number; readonly seed: number; readonly universe: boolean },
): void {
  const scale = (Math.sqrt(12) * deviation) / 0x10000;
  const volumeScale = deviation > 0 ? (Math.sqrt(12) * VOLUME_NOISE) / 0x10000 : 0;
  for (let i = 0, sum = 0, before = bars.length > 0 ? bars.open[0] : 1; i < bars.length; i++) {
    const random = mixed(seed, i);
    const factor = 1 + scale * ((random & 0xffff) - 0x8000);
    const at = i * STEP;
    const level = bars.close[i] * factor;
    columns.open[i] = bars.open[i] * factor;
    columns.high[i] = bars.high[i] * factor;
    columns.low[i] = bars.low[i] * factor;
    columns.close[i] = level;
    columns.volume[i] = bars.volume[i] * (1 + volumeScale * ((random >>> 16) - 0x8000));
    if (universe) continue;
    tape[at + OPEN] = columns.open[i];
    tape[at + HIGH] = columns.high[i];
    tape[at + LOW] = columns.low[i];
    tape[at + CLOSE] = level;
    sum += (level - before) ** 2;
    squares[i + 1] = sum;
    before = level;
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

/** Two rounds of the finaliser of MurmurHash3: a coin for each number, in any order. */
function mixed(seed: number, value: number): number {
  let h = seed ^ Math.imul(value | 0, 0x9e3779b1);
  for (let round = 0; round < 2; round++) {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    h = (h + seed) | 0;
  }
  return h ^ (h >>> 15);
}
