import { type Bars, DAY, MINUTE, type Range } from '../../market/bars.ts';
import { firstAtOrAfter, nextAtOrAfter } from '../minute/times.ts';
import { squaredChanges } from './variation.ts';

/** The UTC days of a range and where each ends among the 1-minute bars of one symbol. */
export interface SymbolDays {
  /** Midnight of each day, epoch ms. */
  readonly time: Float64Array;
  /** The index after each day's last bar (that of an earlier day when it has none), within the range. */
  readonly ends: Int32Array;
  /** The first and the last + 1 bar of the range. */
  readonly from: number;
  readonly to: number;
  /** One unit of cash put into the symbol at its first open, day by day; no costs. */
  readonly held: Float64Array;
  /** See squaredChanges. */
  readonly squares: Float64Array;
  /** Quadratic variation of holding the symbol, day by day; see Variation. */
  readonly variation: Float64Array;
}

/** Cuts a range of one symbol's bars into UTC days. */
export function cutDays(bars: Bars, range: Range, squares = () => squaredChanges(bars)): SymbolDays {
  const first = Math.floor(range.from / DAY);
  const count = Math.max(0, Math.floor((range.to - 1) / DAY) - first + 1);
  const time = Float64Array.from({ length: count }, (_, d) => (first + d) * DAY);
  const from = firstAtOrAfter(bars, range.from);
  const to = firstAtOrAfter(bars, range.to);
  let end = from;
  const ends = Int32Array.from(time, (midnight) => {
    end = Math.min(to, nextAtOrAfter(bars, end, midnight + DAY, DAY / MINUTE));
    return end;
  });
  const held = Float64Array.from(ends, (end) => (end > from ? bars.close[end - 1] / bars.open[from] : 1));
  let variation: Float64Array | undefined;
  return {
    time,
    ends,
    from,
    to,
    held,
    // Summed up when they are asked for: a universe never does.
    get squares() {
      return squares();
    },
    get variation() {
      variation ??= heldVariation({ ends, from, held, squares: squares() }, bars);
      return variation;
    },
  };
}

function heldVariation(
  { ends, from, held, squares }: Pick<SymbolDays, 'ends' | 'from' | 'held' | 'squares'>,
  { open, close }: Bars,
): Float64Array {
  let before = from;
  let start = open[from];
  return Float64Array.from(held, (_, d) => {
    const end = ends[d];
    if (end === before) return 0;
    // The first minute begins at its open, where the holder bought.
    const first = before === from ? (close[from] - open[from]) ** 2 - (squares[from + 1] - squares[from]) : 0;
    const variation = (squares[end] - squares[before] + first) / start ** 2;
    before = end;
    start = close[end - 1];
    return variation;
  });
}

/** One unit of cash in the symbols at equal weights, day by day: the benchmark. */
export function benchmarkOf(symbols: readonly SymbolDays[]): Float64Array {
  const sum = new Float64Array(symbols[0].held.length);
  for (const { held } of symbols) for (let d = 0; d < sum.length; d++) sum[d] += held[d] / symbols.length;
  return sum;
}
