import { RalphError } from '../../base/errors.ts';
import { type Bars, barsOf, columnsOf } from '../../market/bars.ts';

/** Prices, and volumes but 0, lie between these: numbers that can be scaled and scaled back without a bit being lost. */
const LEAST = 1e-150;
const MOST = 1e150;

/**
 * The bars themselves when time rises and every bar is possible. Of several bars of one minute the first counts and the
 * others are left out, because a later correction was not known when the first was traded on.
 */
export function checked(symbol: string, bars: Bars): Bars {
  const { length, time, open, high, low, close, volume } = bars;
  const bad = firstImpossible(bars);
  if (bad < length)
    refuse(
      symbol,
      bad,
      `open ${open[bad]}, high ${high[bad]}, low ${low[bad]}, close ${close[bad]}, volume ${volume[bad]}`,
    );
  const repeated = new Set<number>();
  for (let i = firstNotLater(time, 1); i < length; i = firstNotLater(time, i + 1)) {
    if (time[i] !== time[i - 1]) refuse(symbol, i, `its time ${time[i]} is before the bar above it`);
    repeated.add(i);
  }
  if (repeated.size === 0) return bars;
  return barsOf(columnsOf(bars).map((column) => column.filter((_, i) => !repeated.has(i))));
}

/** The first bar that no market could print. A loop of its own, because a short one is compiled sooner; so is the other. */
function firstImpossible({ length, open, high, low, close, volume }: Bars): number {
  let i = 0;
  for (; i < length; i++) {
    const top = high[i];
    const bottom = low[i];
    const first = open[i];
    const last = close[i];
    const traded = volume[i];
    if (!(bottom >= LEAST && bottom <= first && bottom <= last && top >= first && top >= last && top <= MOST)) break;
    if (!((traded >= LEAST && traded <= MOST) || traded === 0)) break;
  }
  return i;
}

/** The first bar from `from` on that does not open after the one before. */
function firstNotLater(time: Float64Array, from: number): number {
  let i = from;
  while (i < time.length && time[i] > time[i - 1]) i += 1;
  return Math.min(i, time.length);
}

function refuse(symbol: string, row: number, what: string): never {
  throw new RalphError(`bar ${row} of ${symbol} is impossible: ${what}`, {
    remedy:
      'Ingest the source again; expected rising times, 0 < low <= open, close <= high, volume >= 0, and numbers between 1e-150 and 1e150.',
  });
}
