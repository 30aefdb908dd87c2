import type { Bars } from '../../../market/bars.ts';
import { MINUTES_PER_YEAR, type SimulationSpec } from '../../../market/simulate/spec.ts';
import { simulateMarket } from '../../../market/simulate.ts';

/** Edges that lie between symbols: none of them can be seen in one symbol alone. */
export const CROSS_KINDS = ['cross-momentum', 'cross-reversal'] as const;
export type CrossKind = (typeof CROSS_KINDS)[number];

/** Hours looked back on and hours until the next look: what rose most against the others goes on, or gives it back. */
const RULES: Record<CrossKind, { readonly back: number; readonly hold: number; readonly side: 1 | -1 }> = {
  'cross-momentum': { back: 7 * 24, hold: 24, side: 1 },
  'cross-reversal': { back: 24, hold: 4, side: -1 },
};

/** As of a market of one symbol: a tick costs the same in both. */
const START_PRICE = 10_000;

/** Share of each symbol's variance that all have in common. */
const COMMON = 0.5;

export interface TogetherSpec extends Omit<SimulationSpec, 'edges' | 'barMinutes' | 'gapsPerYear' | 'seed'> {
  readonly seed: string;
  readonly symbols: readonly string[];
  readonly annualVolatility: number;
  /** Nothing is planted without one. */
  readonly edge?: CrossKind;
  /** Annual Sharpe ratio of an oracle, before costs, that holds the first of the ranking against the last in equal halves. */
  readonly annualSharpe?: number;
}

/**
 * Hourly bars of several symbols, half of whose variance is one market's. At each look the symbol that rose most and the one that rose
 * least against the others are pushed apart (or together) in every bar until the next look, by the same small factor at the open: what
 * they have in common stays a martingale. High and low are the extremes of open and close.
 */
export function simulateTogether({
  symbols,
  edge,
  annualSharpe = 0,
  seed,
  ...spec
}: TogetherSpec): Record<string, Bars> {
  const own = { ...spec, barMinutes: 60 as const, gapsPerYear: 0, tick: 1e-6, startPrice: START_PRICE, edges: [] };
  const part = (name: string, share: number) =>
    simulateMarket({ ...own, seed: `${seed} ${name}`, annualVolatility: spec.annualVolatility * Math.sqrt(share) })
      .bars;
  const market = part('together', COMMON);
  const alone = symbols.map((symbol) => part(symbol, 1 - COMMON));
  const { length } = market;
  const price = (k: number, column: 'open' | 'close', i: number) =>
    (market[column][i] * alone[k][column][i]) / START_PRICE;
  const bars = symbols.map(() => ({
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
  }));
  const factor = new Float64Array(symbols.length).fill(1);
  const sides = new Int8Array(symbols.length);
  const rule = edge && RULES[edge];
  // Long one and short the other in halves: what both have in common cancels.
  const deviation = spec.annualVolatility * Math.sqrt((1 - COMMON) / 2);
  const push = annualSharpe * deviation * (60 / MINUTES_PER_YEAR);
  for (let i = 0; i < length; i++) {
    if (rule && i > rule.back && i % rule.hold === 0) {
      const rises = bars.map(({ close }) => close[i - 1] / close[i - 1 - rule.back]);
      sides.fill(0);
      sides[rises.indexOf(Math.max(...rises))] = rule.side;
      sides[rises.indexOf(Math.min(...rises))] = -rule.side as 1 | -1;
    }
    for (const [k, { open, high, low, close }] of bars.entries()) {
      factor[k] *= 1 + sides[k] * push;
      open[i] = price(k, 'open', i) * factor[k];
      close[i] = price(k, 'close', i) * factor[k];
      high[i] = Math.max(open[i], close[i]);
      low[i] = Math.min(open[i], close[i]);
    }
  }
  return Object.fromEntries(
    symbols.map((symbol, k) => [symbol, { length, time: market.time, volume: alone[k].volume, ...bars[k] }]),
  );
}
