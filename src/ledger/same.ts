import { type Series, SLOT, SLOTS_A_DAY } from './series.ts';
import { signsOf, strayLags } from './signs.ts';

/** Correlation from which two series are the same data under two names. */
const SAME = 0.95;
/** Days that both must have before a correlation says anything; and before one that was searched for over many lags does. */
const LEAST_DAYS = 20;
const LEAST_SEARCHED = 60;
/** A change over a longer gap says little, and its size would drown the days. */
const LONGEST_GAP = 7 * SLOTS_A_DAY;
/** Share of days that go the same way (or the other way) before ranks are worth their sort: a correlation of .95 has 90%. */
const ALIKE = 0.84;
/** Slots around a lag found by days that are tried: half slots lie between two prices. */
const AROUND = [0, -0.5, 0.5, -1, 1, -1.5, 1.5, -2, 2];
const DAY_END = SLOTS_A_DAY - 1;

/**
 * How much later `b` says what `a` says, in ms, where both are the same data: daily changes that correlate above .95, by value or by rank (one
 * bad print does not hide it), in either direction (a quote turned round is the same data). Null for another market. Without common days, and
 * without a lag at which they agree, the symbol's name decides.
 */
export function lagOf(a: Series, b: Series): number | null {
  // Of an older ledger's series only the ends of days are known: the other one is moved.
  if (b.daily && !a.daily) {
    const back = lagOf(b, a);
    return back === null ? null : 0 - back;
  }
  const common = together(a, b, 0, DAY_END);
  if (isSame(common, LEAST_DAYS) || agrees(a, b, 0)) return 0;
  for (const stray of strayLags(signsOf(a), signsOf(b), LEAST_SEARCHED))
    for (const near of AROUND) if (agrees(a, b, stray + near)) return (stray + near) * SLOT;
  return common.left.length < LEAST_DAYS && a.symbol === b.symbol ? 0 : null;
}

/** Whether they are the same data at a lag in slots, read at the end of the day or at the hour at which both have the most bars. */
function agrees(a: Series, b: Series, lag: number): boolean {
  return hoursOf(a, b, lag).some((hour) => isSame(together(a, b, lag, hour), LEAST_SEARCHED));
}

/** The end of the day; and where bars are missing at that hour, which makes its price an old one, an hour at which they are not. */
function hoursOf(a: Series, b: Series, lag: number): number[] {
  const behind = (a.from - b.from) / SLOT + Math.floor(lag);
  const fresh = (hour: number) => Math.min(a.fresh[hour], b.fresh[mod(hour + behind)]);
  const best = a.fresh.reduce((top, _, hour) => (fresh(hour) > fresh(top) ? hour : top), DAY_END);
  return fresh(best) > 2 * fresh(DAY_END) ? [DAY_END, best] : [DAY_END];
}

function mod(slot: number): number {
  return ((slot % SLOTS_A_DAY) + SLOTS_A_DAY) % SLOTS_A_DAY;
}

function isSame({ left, right, alike }: Together, least: number): boolean {
  const days = left.length;
  if (days < least) return false;
  if (Math.abs(correlation(left, right)) > SAME) return true;
  // Of few days none is spared: their signs say too little.
  if (days >= LEAST_SEARCHED && Math.max(alike, days - alike) < ALIKE * days) return false;
  return Math.abs(correlation(ranksOf(left), ranksOf(right))) > SAME;
}

interface Together {
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Days on which both went the same way. */
  readonly alike: number;
}

/** Changes of both from each day's hour to the next one that both have, `b` read `lag` slots later. */
function together(a: Series, b: Series, lag: number, hour: number): Together {
  const left: number[] = [];
  const right: number[] = [];
  let alike = 0;
  const behind = (a.from - b.from) / SLOT + lag;
  let [fromA, fromB, last] = [Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY];
  const start = hour + Math.max(0, Math.ceil((-behind - hour) / SLOTS_A_DAY)) * SLOTS_A_DAY;
  const end = Math.min(a.prices.length, b.prices.length - behind);
  for (let at = start; at < end; at += SLOTS_A_DAY) {
    const priceA = a.prices[at];
    const priceB = Number.isInteger(behind)
      ? b.prices[at + behind]
      : (b.prices[at + behind - 0.5] + b.prices[at + behind + 0.5]) / 2;
    if (Number.isNaN(priceA + priceB)) continue;
    if (at - last <= LONGEST_GAP) {
      left.push(priceA - fromA);
      right.push(priceB - fromB);
      if (priceA > fromA === priceB > fromB) alike++;
    }
    [fromA, fromB, last] = [priceA, priceB, at];
  }
  return { left, right, alike };
}

/** Ranks, those of equal values their mean: days without a change must not look alike by their order. */
function ranksOf(values: readonly number[]): number[] {
  const ranks = new Array<number>(values.length);
  const order = values.map((_, i) => i).sort((i, k) => values[i] - values[k]);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    for (let at = first; at < end; at++) ranks[order[at]] = (first + end - 1) / 2;
    first = end;
  }
  return ranks;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
