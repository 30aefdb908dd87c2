import { firstIndex } from '../../base/numbers.ts';
import { type Bars, rowsOf, type Timeframe } from '../../market/bars.ts';
import { STEP, writeTape } from '../minute/tape.ts';
import { firstAtOrAfter } from '../minute/times.ts';
import { type Frame, frameOf } from './frames.ts';
import { type Prepared, prepare, prepareGiven } from './prepare.ts';
import { noteWritten, type Scratch } from './scratch.ts';

/** The bars of a market from a time on, epoch ms, prepared from what is known of all. */
export function barsFrom(symbol: string, all: Bars, from: number): Bars {
  const whole = prepare(symbol, all);
  const first = firstAtOrAfter(whole.bars, from);
  if (first === 0 || first === whole.bars.length) return all;
  const bars = rowsOf(whole.bars, first, whole.bars.length);
  prepareGiven(bars, {
    frame: (timeframe) => frameFrom(whole, timeframe, first),
    tape: { with: (begin, end) => whole.tape.with(begin + first, end + first).subarray(first * STEP) },
    squares: () => whole.squares().subarray(first),
  });
  return bars;
}

/** The bars of a timeframe from a minute on; undefined where the minute lies inside one of them. */
function frameFrom(whole: Prepared, timeframe: Timeframe, first: number): Frame | undefined {
  // One of minutes is made of its columns at once.
  if (timeframe === '1m') return undefined;
  const frame = whole.frame(timeframe);
  const k = firstIndex(frame.length, (i) => frame.end[i] > first);
  if ((k === 0 ? 0 : frame.end[k - 1]) !== first) return undefined;
  const part = (name: 'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'lowClose' | 'highClose') =>
    frame[name].subarray(k);
  return frameOf({
    timeframe,
    length: frame.length - k,
    time: part('time'),
    open: part('open'),
    high: part('high'),
    low: part('low'),
    close: part('close'),
    volume: part('volume'),
    lowClose: part('lowClose'),
    highClose: part('highClose'),
    end: frame.end.subarray(k).map((end) => end - first),
  });
}

/**
 * A market whose prices are multiplied by a power of two and whose volumes by another, so that nothing of it has to be checked or built again.
 * With lent memory written into it: valid until that is lent again, or written anew.
 */
export function scaledBars(symbol: string, all: Bars, scale: number, volumes: number, scratch?: Scratch): Bars {
  const whole = prepare(symbol, all);
  const { bars } = whole;
  // Before they are written: what is interrupted must not count as clean.
  if (scratch) noteWritten(scratch, 0, bars.length);
  const scaled = {
    ...bars,
    open: times(bars.open, scale, scratch?.columns.open),
    high: times(bars.high, scale, scratch?.columns.high),
    low: times(bars.low, scale, scratch?.columns.low),
    close: times(bars.close, scale, scratch?.columns.close),
    volume: times(bars.volume, volumes, scratch?.columns.volume),
  };
  let taped = false;
  prepareGiven(scaled, {
    frame(timeframe) {
      if (timeframe === '1m') return undefined;
      const frame = whole.frame(timeframe);
      const { open, high, low, close, lowClose, highClose } = frame;
      return frameOf({
        ...frame,
        open: times(open, scale),
        high: times(high, scale),
        low: times(low, scale),
        close: times(close, scale),
        volume: times(frame.volume, volumes),
        lowClose: times(lowClose, scale),
        highClose: times(highClose, scale),
      });
    },
    tape: scratch && {
      with() {
        if (!taped) writeTape(scratch.tape, scaled, 0, bars.length);
        taped = true;
        return scratch.tape;
      },
    },
    squares: () => times(whole.squares(), scale * scale, scratch?.squares),
  });
  return scaled;
}

function times(column: Float64Array, factor: number, to?: Float64Array): Float64Array {
  const made = to?.subarray(0, column.length) ?? new Float64Array(column.length);
  for (let i = 0; i < made.length; i++) made[i] = column[i] * factor;
  return made;
}
