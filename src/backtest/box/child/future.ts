import type { Random } from '../../../base/random.ts';
import { type Bars, barsOf, columnsOf, emptyBars, MINUTE, TIMEFRAME_MS, type Timeframe } from '../../../market/bars.ts';
import type { SimulationData } from '../../engine.ts';
import { giveBack, lend } from '../../view/lent.ts';
import { type LentSquares, type Prepared, prepare, prepareAltered } from '../../view/prepare.ts';
import { scratchOf } from '../../view/scratch.ts';

/** How the bars after a cut are replaced. */
export type FutureKind = 'mirror' | 'rise' | 'fall';

/** A cut and what comes after it. */
export interface Future {
  /** Epoch ms. */
  readonly cut: number;
  readonly kind: FutureKind;
  /** Minutes that are invented. */
  readonly length: number;
  readonly random: Random;
}

/**
 * One symbol's bars whose future can be replaced and put back. They are written where they are: a cut costs its own length, not that of
 * the past, and no memory. While the future is another one the bars are lent.
 */
export interface Alterable {
  /**
   * The first `keep` bars as they are, those that open before the cut, then invented ones; of these bars the first `known` need not be built
   * again. Valid until they are put back.
   */
  alter(future: Future, keep: number, known: number): Bars;
  putBack(): void;
}

/** At least so many minutes are invented after a cut, and so many bars of the strategy's timeframe. */
const FUTURE_MINUTES = 1_500;
const FUTURE_BARS = 25;

/** Minutes that are invented after a cut. */
export function minutesOfFuture(timeframe: Timeframe): number {
  return Math.max(FUTURE_MINUTES, (FUTURE_BARS * TIMEFRAME_MS[timeframe]) / MINUTE);
}

/** The checked bars of a symbol, with memory for `more` rows behind the last: a copy, where they have none. */
export function withRoom({ symbol, bars: given, room = 0 }: SimulationData, more: number): Bars {
  const { bars } = prepare(symbol, given);
  if (bars === given && room >= more) return bars;
  const copy = emptyBars(bars.length, more);
  for (const [k, column] of columnsOf(copy).entries()) column.set(columnsOf(bars)[k]);
  return copy;
}

/** The bars must have memory for the longest future behind the last of them, see withRoom. */
export function alterable(prepared: Prepared, more: number): Alterable {
  const { bars } = prepared;
  const lentSquares: LentSquares = { memory: scratchOf(bars), rows: 0 };
  const wide = columnsOf(bars).map(
    ({ buffer, byteOffset }) => new Float64Array(buffer as ArrayBuffer, byteOffset, bars.length + more),
  );
  let saved: readonly Float64Array[] = [];
  let first = 0;
  return {
    alter(future, keep, known) {
      first = keep;
      saved = columnsOf(bars).map((column) => column.slice(keep, keep + future.length));
      // Lent before they are written: what is half written is not theirs.
      lend(bars);
      const [all, truth] = [barsOf(wide), barsOf(saved)];
      const end = future.kind === 'mirror' ? mirror(all, truth, keep) : walk(all, keep, future);
      const altered = barsOf(wide.map((column) => column.subarray(0, end)));
      prepareAltered(altered, prepared, known, lentSquares);
      return altered;
    },
    putBack() {
      for (const [k, column] of columnsOf(bars).entries()) if (saved[k]) column.set(saved[k], first);
      saved = [];
      giveBack(bars);
    },
  };
}

/** The true future upside down: what rose falls by as much. A strategy that knew its direction decides otherwise now. */
function mirror(all: Bars, truth: Bars, keep: number): number {
  const squared = all.close[keep - 1] ** 2;
  for (let i = 0; i < truth.length; i++) {
    const at = keep + i;
    all.open[at] = squared / truth.open[i];
    all.high[at] = squared / truth.low[i];
    all.low[at] = squared / truth.high[i];
    all.close[at] = squared / truth.close[i];
    all.volume[at] = truth.volume[truth.length - 1 - i];
  }
  return keep + truth.length;
}

/** Another future: a jump, then a wild walk in the same direction, other volumes, and no minute missing. */
function walk(all: Bars, keep: number, { cut, kind, length, random }: Future): number {
  const direction = kind === 'rise' ? 1 : -1;
  const step = 0.0005 + 0.004 * random();
  let time = Math.max(all.time[keep - 1], cut - MINUTE);
  let price = all.close[keep - 1] * (1 + direction * (0.01 + 0.1 * random()));
  const volume = (all.volume[keep - 1] + 1) * (0.1 + 10 * random());
  for (let i = keep; i < keep + length; i++) {
    time += MINUTE;
    const open = price;
    price *= 1 + step * (2 * random() - 1 + 0.05 * direction);
    all.time[i] = time;
    all.open[i] = open;
    all.close[i] = price;
    all.high[i] = Math.max(open, price) * (1 + step * random());
    all.low[i] = Math.min(open, price) * (1 - step * random());
    all.volume[i] = volume * random();
  }
  return keep + length;
}
