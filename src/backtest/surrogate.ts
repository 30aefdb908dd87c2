import { createHash } from 'node:crypto';
import type { Bars } from '../market/bars.ts';
import { MINUTE } from '../market/bars.ts';
import type { SurrogateRequest } from './contract.ts';
import type { SimulationData } from './engine.ts';
import type { EngineMarket, SymbolCosts } from './market.ts';
import { STEP } from './minute/tape.ts';
import { prepareAltered } from './view/prepare.ts';

interface Room {
  readonly columns: Record<'open' | 'high' | 'low' | 'close' | 'volume', Float64Array>;
  readonly tape: Float64Array;
}

/** Where the surrogates of some bars are written, one after the other. */
const rooms = new WeakMap<Bars, Room>();
const seeds = new WeakMap<Bars, number>();

/**
 * A market without direction: every stretch of `holdMinutes`, each bar with the gap before it, is mirrored in log price with probability
 * one half. Times, gaps, ranges, volatility and its clusters stay; a bar's high and low change places where it is mirrored; volume is
 * scaled so that the money traded stays. All symbols are mirrored at the same times, so that what they have in common stays.
 * With `drift` every bar grows by the mean log return of the window on top. The coins come from the data and `index` alone.
 * The bars of one call are overwritten by the next.
 */
export function surrogateOf(data: readonly SimulationData[], request: SurrogateRequest): SimulationData[] {
  const seed = mixed(seedOf(data[0].bars), request.index);
  const block = request.holdMinutes * MINUTE;
  // One number holds the coins of 32 stretches in a row.
  let [group, coins] = [-1, 0];
  const mirrors = (time: number) => {
    const stretch = (time / block) | 0;
    if (stretch >> 5 !== group) {
      group = stretch >> 5;
      coins = mixed(seed, group);
    }
    return ((coins >>> (stretch & 31)) & 1) === 1;
  };
  return data.map(({ symbol, bars, range }) => {
    const room = rooms.get(bars) ?? newRoom(bars.length);
    rooms.set(bars, room);
    const growth = request.drift ? Math.exp(meanChange(bars, range.from)) : 1;
    const copy = mirrored(bars, mirrors, growth, room.columns);
    prepareAltered(symbol, copy, bars, 0, room.tape);
    return { symbol, bars: copy, range };
  });
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

function mirrored(bars: Bars, mirrors: (time: number) => boolean, growth: number, columns: Room['columns']): Bars {
  const { length, time, open, high, low, close, volume } = bars;
  let before = length > 0 ? open[0] : 1;
  let level = before;
  for (let i = 0; i < length; i++) {
    level *= growth;
    if (mirrors(time[i])) {
      const product = level * before;
      columns.open[i] = product / open[i];
      columns.high[i] = product / low[i];
      columns.low[i] = product / high[i];
      columns.close[i] = product / close[i];
    } else {
      const scale = level / before;
      columns.open[i] = open[i] * scale;
      columns.high[i] = high[i] * scale;
      columns.low[i] = low[i] * scale;
      columns.close[i] = close[i] * scale;
    }
    before = close[i];
    level = columns.close[i];
    columns.volume[i] = (volume[i] * before) / level;
  }
  return { length, time, ...columns };
}

/** Mean log return of a bar from the first of the window on. */
function meanChange({ length, time, close }: Bars, from: number): number {
  let first = 0;
  while (first < length - 1 && time[first] < from) first += 1;
  return first < length - 1 ? Math.log(close[length - 1] / close[first]) / (length - 1 - first) : 0;
}

function newRoom(length: number): Room {
  const column = () => new Float64Array(length);
  const columns = { open: column(), high: column(), low: column(), close: column(), volume: column() };
  return { columns, tape: new Float64Array(length * STEP) };
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
