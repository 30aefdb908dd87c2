import { median } from '../base/numbers.ts';
import { type Bars, barsOf, columnsOf, MINUTE, type Range } from './bars.ts';

/**
 * A price is a misprint when it lies more than `factor` times beyond the median closes before and after it, on the same side.
 * A crash stays, because it pulls the median after it down. Sources (Brownlees & Gallo 2006, and others): config/README.md.
 */
export interface BadPrintRule {
  /** Above 1; 0 or absent rule: nothing is touched. */
  readonly factor: number;
  /** Closes that make up each median. */
  readonly neighbours: number;
  /** Neighbours further away than this do not count. */
  readonly minutes: number;
  /** Splits and redenominations, decided by the user: prices before a time (epoch ms) are multiplied, volumes divided. */
  readonly adjust?: readonly { readonly before: number; readonly prices: number }[];
}

/** One bar with prices that cannot be, as it is stored. */
export interface BadPrint {
  /** Epoch ms of the bar. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Median closes that it was judged by. */
  readonly before: number;
  readonly after: number;
  /** clamped: put into the range of its own good prices; dropped: it had none, and is a gap. */
  readonly done: 'clamped' | 'dropped';
}

export interface BadPrints {
  readonly prints: BadPrint[];
  /** Bars as far from the median before them that are not back after it, or have no neighbours to tell: left as they are. */
  readonly unconfirmed: { readonly time: number }[];
}

/** A median of fewer could be a misprint itself. */
const FEWEST = 3;
const ALWAYS: Range = { from: -Infinity, to: Infinity };

/** Finds the bad prints of a stretch of a series; a bar is judged by its neighbours in `bars`, which may lie beyond the stretch. */
export function findBadPrints(bars: Bars, rule: BadPrintRule, { from, to }: Range = ALWAYS): BadPrints {
  const prints: BadPrint[] = [];
  const unconfirmed: { time: number }[] = [];
  if (rule.factor === 0) return { prints, unconfirmed };
  for (let i = 0; i < bars.length; i++) {
    if (bars.time[i] < from || bars.time[i] >= to || !reachesOut(bars, i, rule)) continue;
    const before = medianClose(bars, i, -1, rule);
    const after = medianClose(bars, i, 1, rule);
    const bad = isBad(before, after, rule.factor);
    const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
    if (bad(low) || bad(high)) {
      const done = [open, high, low, close].every(bad) ? 'dropped' : 'clamped';
      prints.push({ time: bars.time[i], open, high, low, close, before, after, done });
    } else if (low * rule.factor < before || high > before * rule.factor) {
      unconfirmed.push({ time: bars.time[i] });
    }
  }
  return { prints, unconfirmed };
}

/** The bars without their bad prints; the same object when there are none. A bad price moves to the nearest good one of its own bar. */
export function withoutBadPrints(bars: Bars, { prints }: BadPrints, { factor }: BadPrintRule): Bars {
  if (prints.length === 0) return bars;
  const known = new Map(prints.map((print) => [print.time, print]));
  const columns = columnsOf(bars);
  const out = columns.map((column) => Float64Array.from(column));
  let length = 0;
  for (let i = 0; i < bars.length; i++) {
    const print = known.get(bars.time[i]);
    if (print?.done === 'dropped') continue;
    for (let k = 0; k < columns.length; k++) out[k][length] = columns[k][i];
    if (print) clamp(out.slice(1, 5), length, isBad(print.before, print.after, factor));
    length += 1;
  }
  return barsOf(out.map((column) => column.subarray(0, length)));
}

function clamp(prices: Float64Array[], row: number, bad: (price: number) => boolean): void {
  const good = prices.map((column) => column[row]).filter((price) => !bad(price));
  const [least, most] = [Math.min(...good), Math.max(...good)];
  for (const column of prices) column[row] = Math.min(most, Math.max(least, column[row]));
}

function isBad(before: number, after: number, factor: number): (price: number) => boolean {
  const least = Math.min(before, after) / factor;
  const most = Math.max(before, after) * factor;
  // NaN medians compare as false: without neighbours nothing is bad
  return (price) => price < least || price > most;
}

/** Whether any close before lies beyond the factor. If none does, the median does not either: this saves sorting each minute. */
function reachesOut({ close, high, low, length }: Bars, i: number, { factor, neighbours }: BadPrintRule): boolean {
  if (length <= FEWEST) return false;
  for (let j = Math.max(0, i - neighbours); j < i; j++) {
    if (low[i] * factor < close[j] || high[i] > close[j] * factor) return true;
  }
  return false;
}

function medianClose(bars: Bars, i: number, step: 1 | -1, { neighbours, minutes }: BadPrintRule): number {
  const closes: number[] = [];
  for (let j = i + step; j >= 0 && j < bars.length && closes.length < neighbours; j += step) {
    if (Math.abs(bars.time[j] - bars.time[i]) > minutes * MINUTE) break;
    closes.push(bars.close[j]);
  }
  if (closes.length < FEWEST) return Number.NaN;
  return median(closes);
}
