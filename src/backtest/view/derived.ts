import { firstIndex } from '../../base/numbers.ts';
import { type Bars, barsOf, type Range, rowsOf, type Timeframe } from '../../market/bars.ts';
import { STEP, writeTape } from '../minute/tape.ts';
import { firstAtOrAfter } from '../minute/times.ts';
import { type Frame, frameOf } from './frames.ts';
import { giveBack, lend } from './lent.ts';
import { type Given, type Prepared, prepare, prepareGiven } from './prepare.ts';
import type { Scratch } from './scratch.ts';

/** The bars of a market with from <= time < to, epoch ms, prepared from what is known of all. */
export function barsWithin(symbol: string, all: Bars, { from, to }: Range): Bars {
  const whole = prepare(symbol, all);
  const [first, last] = [firstAtOrAfter(whole.bars, from), firstAtOrAfter(whole.bars, to)];
  if (first === 0 && last === whole.bars.length) return all;
  const bars = rowsOf(whole.bars, first, last);
  if (first === last) return bars;
  prepareGiven(bars, {
    frame: (timeframe) => frameWithin(whole, timeframe, first, last),
    tape: { with: (begin, end) => whole.tape.with(begin + first, end + first).subarray(first * STEP) },
    squares: () => whole.squares().subarray(first, last + 1),
  });
  return bars;
}

/** The bars of a timeframe between two minutes; undefined where one of them lies inside a bar. */
function frameWithin(whole: Prepared, timeframe: Timeframe, first: number, last: number): Frame | undefined {
  // One of minutes is made of its columns at once.
  if (timeframe === '1m') return undefined;
  const frame = whole.frame(timeframe);
  const endsAfter = (minute: number) => firstIndex(frame.length, (i) => frame.end[i] > minute);
  const [k, end] = [endsAfter(first), endsAfter(last)];
  const isCut = (at: number, minute: number) => (at === 0 ? 0 : frame.end[at - 1]) !== minute;
  if (isCut(k, first) || isCut(end, last)) return undefined;
  const part = (name: 'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'lowClose' | 'highClose') =>
    frame[name].subarray(k, end);
  return frameOf({
    timeframe,
    length: end - k,
    time: part('time'),
    open: part('open'),
    high: part('high'),
    low: part('low'),
    close: part('close'),
    volume: part('volume'),
    lowClose: part('lowClose'),
    highClose: part('highClose'),
    end: frame.end.subarray(k, end).map((each) => each - first),
  });
}

/** By what prices and volumes of a symbol are multiplied: powers of two. */
export interface Scale {
  readonly price: number;
  readonly volume: number;
}

/** A market whose prices and volumes are multiplied by powers of two, so that nothing of it has to be checked or built again. */
export function scaledBars(symbol: string, all: Bars, { price, volume }: Scale): Bars {
  const whole = prepare(symbol, all);
  const { bars } = whole;
  const { time, open, high, low, close } = bars;
  const scaled = barsOf([
    time,
    ...[open, high, low, close].map((column) => times(column, price)),
    times(bars.volume, volume),
  ]);
  prepareGiven(scaled, scaledOf(whole.there, { price, volume }));
  return scaled;
}

/** Numbers of checked bars lie between 1e-150 and 1e150: multiplied by 2 to this power, or divided, none of them loses a bit. */
const MOST_BITS = 400;

/** Whether what is scaled so can be scaled back to what it was. */
export function isReversible({ price, volume }: Scale): boolean {
  return [price, volume].every((factor) => Math.abs(Math.log2(factor)) <= MOST_BITS);
}

/** Bars that are scaled where they are: until they are put back they are lent. */
export interface ScaledInPlace {
  readonly bars: Bars;
  putBack(): void;
}

/** See scaledBars; for scales that are reversible. `memory` is for tape and running squares, where the strategy asks for them. */
export function scaleInPlace(symbol: string, all: Bars, { price, volume }: Scale, memory: Scratch): ScaledInPlace {
  const whole = prepare(symbol, all);
  const { bars } = whole;
  const { open, high, low, close } = bars;
  // Lent before they are written: what is half written is not theirs.
  lend(bars);
  const multiplyAll = (scale: Scale) => {
    for (const column of [open, high, low, close]) multiply(column, scale.price);
    multiply(bars.volume, scale.volume);
  };
  multiplyAll({ price, volume });
  const scaled = rowsOf(bars, 0, bars.length);
  let taped = false;
  prepareGiven(scaled, {
    ...scaledOf(whole.there, { price, volume }, memory),
    tape: {
      with() {
        if (!taped) writeTape(memory.tape, scaled, 0, bars.length);
        taped = true;
        return memory.tape;
      },
    },
  });
  return {
    bars: scaled,
    putBack() {
      multiplyAll({ price: 1 / price, volume: 1 / volume });
      giveBack(bars);
    },
  };
}

/** What is known of scaled bars. */
function scaledOf(there: Given, { price, volume }: Scale, memory?: Scratch): Given {
  return {
    frame(timeframe) {
      const frame = timeframe === '1m' ? undefined : there.frame(timeframe);
      return (
        frame &&
        frameOf({
          timeframe,
          length: frame.length,
          time: frame.time,
          end: frame.end,
          open: times(frame.open, price),
          high: times(frame.high, price),
          low: times(frame.low, price),
          close: times(frame.close, price),
          volume: times(frame.volume, volume),
          lowClose: times(frame.lowClose, price),
          highClose: times(frame.highClose, price),
        })
      );
    },
    squares() {
      const squares = there.squares();
      return squares && times(squares, price * price, memory?.squares);
    },
  };
}

function times(column: Float64Array, factor: number, to?: Float64Array): Float64Array {
  const made = to?.subarray(0, column.length) ?? new Float64Array(column.length);
  for (let i = 0; i < made.length; i++) made[i] = column[i] * factor;
  return made;
}

function multiply(column: Float64Array, factor: number): void {
  for (let i = 0; i < column.length; i++) column[i] *= factor;
}
