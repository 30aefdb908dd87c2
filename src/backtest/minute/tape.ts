import type { Bars, Timeframe } from '../../market/bars.ts';

/** Numbers a minute on the tape, and where each is. */
export const STEP = 4;
export const OPEN = 0;
export const HIGH = 1;
export const LOW = 2;
export const CLOSE = 3;

/**
 * The prices of 1-minute bars minute by minute instead of column by column. What a minute needs lies in one cache line: a fill
 * at an open does not wait for memory, and the loop checks one array instead of four.
 */
export interface Tape {
  /** The tape with the minutes of [from, to) on it; those outside may be blank. */
  with(from: number, to: number): Float64Array;
}

/** Whether simulations of these strategies run along a tape; the others put the minute that they play on it, alone. */
export function readsTape(timeframe: Timeframe | undefined, universe: boolean, symbols: number): boolean {
  return !universe && (symbols > 1 || timeframe === '1m' || timeframe === undefined);
}

/** A tape that is written as far as it is asked for. */
export function makeTape(bars: Bars): Tape {
  let tape: Float64Array | undefined;
  let [first, last] = [0, 0];
  return {
    with(from, to) {
      if (tape === undefined) {
        tape = new Float64Array(bars.length * STEP);
        first = last = from;
      }
      if (from < first) writeTape(tape, bars, from, first);
      if (to > last) writeTape(tape, bars, last, to);
      first = Math.min(first, from);
      last = Math.max(last, to);
      return tape;
    },
  };
}

/** Writes the minutes [from, to) where they belong on a tape. */
export function writeTape(tape: Float64Array, { open, high, low, close }: Bars, from: number, to: number): void {
  for (let i = from, at = from * STEP; i < to; i++, at += STEP) {
    tape[at + OPEN] = open[i];
    tape[at + HIGH] = high[i];
    tape[at + LOW] = low[i];
    tape[at + CLOSE] = close[i];
  }
}
