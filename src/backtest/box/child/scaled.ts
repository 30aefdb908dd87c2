import type { Bars } from '../../../market/bars.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { DECISION_WIDTH, type DecisionLog } from '../../orders/decisions.ts';
import { isReversible, type ScaledInPlace, scaledBars, scaleInPlace } from '../../view/derived.ts';
import { prepare } from '../../view/prepare.ts';
import { scratchOf } from '../../view/scratch.ts';
import { scaledMarket } from './equal-rules.ts';
import { moment } from './moment.ts';

/**
 * Prices are multiplied by the first, the money that is traded by the second: powers of two, so that no rounding differs. The mean volume of
 * a month knows the month as a price does. Neither volumes nor money are what they were.
 */
export const SCALES = [
  [1 / 8, 1 / 32],
  [4, 32],
] as const;
/** Differences of a price or weight below it are rounding: logarithms of scaled prices are not exact. */
const ROUNDING = 1e-9;

/** The market that a candidate is judged on, at another scale. */
export interface ScaledWorld {
  readonly scales: readonly number[];
  /** By what the money that is traded is multiplied. */
  readonly money: number;
  readonly data: readonly SimulationData[];
  readonly market: EngineMarket;
}

/** Bars at each of the scales, made while there was time, until they are used. */
const ahead = new WeakMap<Bars, readonly Bars[]>();

/** Makes the bars of a window at each of the scales before they are asked for. */
export function scaleAhead({ symbol, bars: given, range }: SimulationData): void {
  const { bars } = prepare(symbol, given);
  const made = SCALES.map(([scale, money]) => {
    const scaled = scaledBars(symbol, bars, { price: scale, volume: money / scale });
    const prepared = prepare(symbol, scaled);
    prepared.ready(range, false);
    prepared.squares();
    return scaled;
  });
  ahead.set(bars, made);
}

/** What `use` finds in the market at SCALES[k]; `apart`: another scale for each symbol. Bars that were not made ahead are scaled where they are, and put back. */
export function withScaled<T>(
  data: readonly SimulationData[],
  market: EngineMarket,
  { k, apart }: { readonly k: number; readonly apart: boolean },
  use: (world: ScaledWorld) => T,
): T {
  const [scale, money] = SCALES[k];
  const scales = apart ? reversing(data, scale) : data.map(() => scale);
  const volumes = scales.map((each) => money / each);
  const bars = data.map((each) => prepare(each.symbol, each.bars).bars);
  const scaling = (s: number) => ({ price: scales[s], volume: volumes[s] });
  // The same bars a second time cannot be lent a second time.
  const isCopied = (s: number) => bars.indexOf(bars[s]) < s || !isReversible(scaling(s));
  const copies = data.map(({ symbol }, s) => (isCopied(s) ? scaledBars(symbol, bars[s], scaling(s)) : undefined));
  const lent: ScaledInPlace[] = [];
  const inPlace = (s: number) => {
    const scaled = scaleInPlace(data[s].symbol, bars[s], scaling(s), scratchOf(bars[s]));
    lent.push(scaled);
    return scaled.bars;
  };
  const scaledAt = (s: number) => (apart ? undefined : ahead.get(bars[s])?.[k]) ?? copies[s] ?? inPlace(s);
  try {
    return use({
      scales,
      money,
      data: data.map((each, s) => ({ ...each, bars: scaledAt(s) })),
      market: scaledMarket(data, market, { scales, volumes }),
    });
  } finally {
    for (const each of lent) each.putBack();
    // Surrogates come next, and need the memory.
    if (k === SCALES.length - 1) for (const each of bars) ahead.delete(each);
  }
}

/** What is said of the first decision that is another one in the scaled market, but for the scale of its prices; null where all are the same. */
export function otherOrder(truth: DecisionLog, other: DecisionLog, { scales, money }: ScaledWorld): string | null {
  const at = otherAt(truth, other, scales);
  if (at === undefined) return null;
  return `another order at ${moment(at)} when all prices are ${[...new Set(scales)].join(' or ')} times what they were, and what is traded ${money} times: it knows levels of prices or volumes`;
}

/**
 * A scale for each symbol of a universe, so that the dearest becomes the cheapest and none is known by its price. Positions are worth what they
 * were: units are the harness's business.
 */
function reversing(data: readonly SimulationData[], scale: number): number[] {
  const prices = data.map(({ bars }) => Math.log2(bars.close[0] ?? 1));
  const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length;
  const dearer = (price: number) => prices.filter((other) => other > price).length;
  return prices.map((price) => scale * 2 ** (Math.round(2 * (mean - price)) + dearer(price)));
}

/** Columns of a decision that hold prices: limit, trigger, stop, target, trail. */
const PRICES: ReadonlySet<number> = new Set([4, 5, 6, 7, 8]);

/** Time of the first decision that is another one but for the scale of its prices, one a symbol. */
function otherAt(truth: DecisionLog, other: DecisionLog, scales: readonly number[]): number | undefined {
  const [a, b] = [truth.values, other.values];
  for (let row = 0; row < Math.max(truth.length, other.length); row++) {
    const at = row * DECISION_WIDTH;
    if (row >= truth.length) return b[at];
    if (row >= other.length) return a[at];
    for (let k = 0; k < DECISION_WIDTH; k++) {
      const expected = PRICES.has(k) ? a[at + k] * scales[a[at + 1]] : a[at + k];
      const same = Object.is(expected, b[at + k]) || Math.abs(expected - b[at + k]) <= ROUNDING * Math.abs(expected);
      if (!same) return Math.min(a[at], b[at]);
    }
  }
  return undefined;
}
