import { type Series, SLOT, SLOTS_A_DAY } from './series.ts';

/** Slots between two hours at which a day may begin: four a day come within three hours of any shift. */
const STEP = 3;
/** Excess of days that go the same way, or the other way, from which a lag is worth a closer look: as a share of all, and in standard errors of chance. */
const WORTH = { share: 0.36, errors: 3.9 };
/** Words of bits from which a sample of them is asked first. */
const SAMPLED = 14;
/** Lags that are looked at closely: a market that hardly moves agrees with itself at every one. */
const MOST = 8;

/** Which days of a series were above its median change, one bit a day, by the slot at which a day ends. */
export interface Signs {
  /** First slot since 1970 of each row's first day end, the days of it and their bits; one word of zeros stands before them and two behind. */
  readonly rows: readonly { readonly first: number; readonly days: number; readonly bits: Int32Array }[];
}

const known = new WeakMap<Series, Signs>();

/** The signs of a series, made once. */
export function signsOf(series: Series): Signs {
  const hours = series.daily ? [SLOTS_A_DAY - 1] : [SLOTS_A_DAY - 1, STEP - 1, 2 * STEP - 1, 3 * STEP - 1];
  return known.getOrInsertComputed(series, () => ({ rows: hours.map((hour) => rowOf(series, hour)) }));
}

function rowOf({ from, prices }: Series, hour: number) {
  const changes: number[] = [];
  let last = Number.NaN;
  for (let at = hour; at < prices.length; at += SLOTS_A_DAY) {
    const price = prices[at];
    changes.push(Number.isNaN(price) || Number.isNaN(last) ? 0 : price - last);
    if (!Number.isNaN(price)) last = price;
  }
  const median = Float64Array.from(changes).sort()[changes.length >> 1];
  const bits = new Int32Array((changes.length >> 5) + 4);
  for (const [day, change] of changes.entries()) if (change > median) bits[(day >> 5) + 1] |= 1 << (day & 31);
  return { first: from / SLOT + hour, days: changes.length, bits };
}

/** Lags in slots at which `b` goes most nearly as `a` does or against it, over at least that many days; the best first, none that chance explains easily. */
export function strayLags(a: Signs, b: Signs, leastDays: number): number[] {
  const found: { lag: number; weight: number }[] = [];
  const [left] = a.rows;
  for (const right of b.rows)
    for (let days = leastDays - left.days; days <= right.days - leastDays; days++) {
      const lo = Math.max(0, -days);
      const hi = Math.min(left.days, right.days - days);
      const over = excess(left.bits, right.bits, days, lo, hi);
      if (over >= Math.max(WORTH.share * (hi - lo), WORTH.errors * Math.sqrt(hi - lo)))
        found.push({ lag: right.first - left.first + days * SLOTS_A_DAY, weight: over / Math.sqrt(hi - lo) });
    }
  return found
    .sort((one, other) => other.weight - one.weight)
    .slice(0, MOST)
    .map(({ lag }) => lag);
}

/**
 * By how much a's days from `lo` to `hi` go as b's `days` later do, rather than the other way: as many days as there are where all do, 0 where half
 * do. Where every fourth word of bits shows nothing the rest is not read: 0.
 */
function excess(a: Int32Array, b: Int32Array, days: number, lo: number, hi: number): number {
  const shift = days & 31;
  const behind = (days >> 5) + 1;
  const [first, last] = [lo >> 5, (hi - 1) >> 5];
  if (last - first >= SAMPLED) {
    let [sampled, seen] = [0, 0];
    for (let word = first + 1; word < last; word += 4, seen += 32) sampled += ones(unlike(a, b, word, behind, shift));
    if (Math.abs(seen - 2 * sampled) < seen / 5) return 0;
  }
  let count = ones(unlike(a, b, first, behind, shift) & (-1 << (lo & 31)) & (first === last ? upTo(hi) : -1));
  for (let word = first + 1; word < last; word++) count += ones(unlike(a, b, word, behind, shift));
  if (last > first) count += ones(unlike(a, b, last, behind, shift) & upTo(hi));
  return Math.abs(hi - lo - 2 * count);
}

/** Bits of 32 days of `a` that are not those of `b`; a shift by 32 bits would be none here. */
function unlike(a: Int32Array, b: Int32Array, word: number, behind: number, shift: number): number {
  const at = word + behind;
  return a[word + 1] ^ (shift === 0 ? b[at] : (b[at] >>> shift) | (b[at + 1] << (32 - shift)));
}

/** The bits of a last word that lie before `hi`. */
function upTo(hi: number): number {
  return -1 >>> (31 - ((hi - 1) & 31));
}

/** How many bits are set. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
