import { canonicalJson, sha256 } from '../base/hash.ts';
import { DAY, HOUR } from '../market/bars.ts';
import { readWindowFile } from '../market/snapshot.ts';
import type { Windows } from '../market/windows.ts';
import type { EntryOf } from './entries.ts';

/** How finely prices are kept: fine enough to find bars that another time zone has moved, and a trial's ledger stays small. */
export const SLOT = 2 * HOUR;
export const SLOTS_A_DAY = DAY / SLOT;

/** Slots without a change after which a price is old. */
const STALE = 2;

/** Prices of one symbol, every two hours. */
export interface Series {
  readonly symbol: string;
  /** Start of its first day, epoch ms UTC. */
  readonly from: number;
  /**
   * Logarithm of the last price at the end of each two hours, but for a constant; NaN where the 24 hours before have none. An entry of an older ledger
   * knows the ends of days alone.
   */
  readonly prices: Float64Array;
  /** On how many days the price changed within each two hours: where bars are missing it does not. */
  readonly fresh: readonly number[];
  /** Whether only the ends of days are known. */
  readonly daily: boolean;
}

/** Times and closing prices of some bars, rising in time. */
interface Closes {
  readonly time: ArrayLike<number>;
  readonly close: ArrayLike<number>;
}

/** The series of one symbol over frozen window files, warm-up bars included. */
export function seriesOf(symbol: string, paths: readonly string[]): EntryOf<'series'> {
  return seriesFrom(
    symbol,
    paths.map((path) => readWindowFile(path).bars),
  );
}

/** The series of one symbol over stretches of bars, which may overlap. */
export function seriesFrom(symbol: string, stretches: readonly Closes[]): EntryOf<'series'> {
  const closes = new Map<number, number>();
  for (const { time, close } of stretches)
    for (let i = 0; i < time.length; i++) closes.set(Math.floor(time[i] / SLOT), close[i]);
  const slots = [...closes.keys()].sort((a, b) => a - b);
  const firstDay = Math.floor(slots[0] / SLOTS_A_DAY);
  const days = Math.floor(slots[slots.length - 1] / SLOTS_A_DAY) - firstDay + 1;
  const known = new Float64Array(days * SLOTS_A_DAY).fill(Number.NaN);
  for (const [k, slot] of slots.entries()) {
    const at = slot - firstDay * SLOTS_A_DAY;
    const next = slots[k + 1] ?? Number.POSITIVE_INFINITY;
    known.fill(closes.get(slot)!, at, at + Math.min(next - slot, SLOTS_A_DAY));
  }
  const atDayEnds = known.filter((_, i) => i % SLOTS_A_DAY === SLOTS_A_DAY - 1);
  const daily = changes(atDayEnds, (to, from) => to / from - 1).subarray(1);
  const fine = changes(known, (to, from) => Math.log(to / from));
  const content = {
    symbol,
    from: (firstDay + 1) * DAY,
    returns: textOf(Float32Array.from(daily)),
    fine: textOf(Float16Array.from(fine)),
  };
  return { type: 'series', series: sha256(canonicalJson(content)).slice(0, 16), ...content };
}

/** From each known price to the next, NaN where none is known; 0 at the first. */
function changes(prices: Float64Array, change: (to: number, from: number) => number): Float64Array {
  let last = Number.NaN;
  return prices.map((price) => {
    if (Number.isNaN(price)) return Number.NaN;
    const from = Number.isNaN(last) ? price : last;
    last = price;
    return change(price, from);
  });
}

function textOf({ buffer, byteOffset, byteLength }: Float32Array | Float16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** The windows of a run, named by their content. */
export function settingOf(
  series: readonly string[],
  { train, selection, holdout }: Pick<Windows, 'train' | 'selection' | 'holdout'>,
): EntryOf<'setting'> {
  const content = { series: [...series], train, selection: [...selection], holdout };
  return { type: 'setting', setting: sha256(canonicalJson(content)).slice(0, 16), ...content };
}

export function decodeSeries({ symbol, from, returns, fine }: EntryOf<'series'>): Series {
  const start = from - DAY;
  if (fine !== undefined) {
    const logs = Float64Array.from(new Float16Array(Uint8Array.fromBase64(fine).buffer));
    const fresh = Array.from({ length: SLOTS_A_DAY }, () => 0);
    for (const [at, change] of logs.entries()) if (change !== 0 && !Number.isNaN(change)) fresh[at % SLOTS_A_DAY]++;
    return { symbol, from: start, prices: withoutStale(logs, fresh), fresh, daily: false };
  }
  const daily = new Float32Array(Uint8Array.fromBase64(returns).buffer);
  const ends = summed(Float64Array.from([0, ...daily], (change, i) => (i === 0 ? 0 : Math.log1p(change))));
  const prices = new Float64Array(ends.length * SLOTS_A_DAY).fill(Number.NaN);
  for (const [day, price] of ends.entries()) prices[day * SLOTS_A_DAY + SLOTS_A_DAY - 1] = price;
  const fresh = Array.from({ length: SLOTS_A_DAY }, (_, hour) => (hour === SLOTS_A_DAY - 1 ? ends.length : 0));
  return { symbol, from: start, prices, fresh, daily: true };
}

/**
 * Prices from their changes. One that has stood for long is left out where the hour mostly has bars: a day that is missing begins at another hour
 * in another time zone, and its price would be an old one there.
 */
function withoutStale(logs: Float64Array, fresh: readonly number[]): Float64Array {
  const days = logs.length / SLOTS_A_DAY;
  let age = 0;
  return summed(logs).map((price, at) => {
    age = logs[at] === 0 ? age + 1 : 0;
    return age > STALE && fresh[at % SLOTS_A_DAY] > days / 3 ? Number.NaN : price;
  });
}

/** Changes added up; what is no number is skipped and stays NaN. */
function summed(changes: Float64Array): Float64Array {
  let sum = 0;
  return changes.map((change) => {
    if (!Number.isFinite(change)) return Number.NaN;
    sum += change;
    return sum;
  });
}
