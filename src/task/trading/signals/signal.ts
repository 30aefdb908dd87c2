import type { SimulationResult, Standing, WorkingOrder } from '../../../backtest/contract.ts';
import type { Outcome } from '../../../gates/verdict.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { MINUTE, TIMEFRAME_MS, type Timeframe } from '../../../market/bars.ts';
import type { MarketConfig } from '../../../market/config.ts';

/** Where a trial stands at the newest bar. Times are UTC in ISO 8601, prices and money in the quote currency. */
export interface Signal {
  readonly trial: string;
  readonly candidate: string;
  readonly family: string;
  readonly outcome: Outcome | null;
  /** Length of the bars that it decides on. */
  readonly timeframe: Timeframe;
  /** What it is sized for, quote money. */
  readonly capital: number;
  /** Close of the bar that was decided on last; null before the end of its warm-up. */
  readonly decided: string | null;
  /** When it decides next: the earliest moment at which this can change, fills of resting orders aside. */
  readonly next: string;
  /** End of the newest bar, and how long ago that was. */
  readonly newestBar: string;
  readonly ageMinutes: number;
  /** What moves orders and differs from when it was judged: `engine`, `market`. */
  readonly changed: readonly string[];
  readonly symbols: readonly SymbolSignal[];
}

export interface SymbolSignal extends Pick<Standing, 'entryPrice' | 'stop' | 'target' | 'trailingStop'> {
  readonly symbol: string;
  readonly side: 'long' | 'short' | 'flat';
  /** Base units for the capital, whole lots, negative for a short. */
  readonly quantity: number;
  /** Its value as a share of the capital, signed. */
  readonly weight: number;
  readonly close: number;
  readonly orders: readonly WorkingOrder[];
}

/** Sizes what a backtest holds after its last bar for a capital: quantities in proportion to the equity that it has by then. */
export function signalOf(parts: {
  readonly trial: Pick<Trial, 'trial' | 'candidate' | 'family' | 'outcome'>;
  readonly result: Pick<SimulationResult, 'standings' | 'finalEquity' | 'ruined'>;
  readonly market: Pick<MarketConfig, 'symbols'>;
  readonly capital: number;
  /** Length of a bar, ms. */
  readonly interval: number;
  /** Epoch ms. */
  readonly now: number;
  readonly changed: readonly string[];
}): Signal {
  const { result, capital, interval, now, changed } = parts;
  const { trial, candidate, family, outcome } = parts.trial;
  const standings = result.standings ?? [];
  const end = Math.max(...standings.map(({ bar }) => bar)) + interval;
  const { timeframe, decided } = standings[0];
  const step = TIMEFRAME_MS[timeframe];
  // A ruined account trades no more: whatever it held is gone.
  const scale = result.ruined || result.finalEquity <= 0 ? 0 : capital / result.finalEquity;
  return {
    trial,
    candidate,
    family,
    outcome,
    timeframe,
    capital,
    decided: decided === null ? null : iso(decided),
    next: iso((Math.floor(end / step) + 1) * step),
    newestBar: iso(end),
    ageMinutes: Math.max(0, Math.round((now - end) / MINUTE)),
    changed,
    symbols: standings.map((standing) =>
      sized(standing, scale, capital, parts.market.symbols[standing.symbol]?.lot ?? 0),
    ),
  };
}

function sized(standing: Standing, scale: number, capital: number, lot: number): SymbolSignal {
  const { symbol, close, entryPrice, stop, target, trailingStop } = standing;
  const quantity = wholeLots(standing.position * scale, lot);
  const orders = standing.orders.map((order) => ({ ...order, quantity: wholeLots(order.quantity * scale, lot) }));
  return {
    symbol,
    side: quantity > 0 ? 'long' : quantity < 0 ? 'short' : 'flat',
    quantity,
    weight: capital > 0 ? (quantity * close) / capital : 0,
    close,
    entryPrice,
    stop,
    target,
    trailingStop,
    orders: orders.filter((order) => order.quantity > 0),
  };
}

/** Towards zero, to the digits of the lot. */
function wholeLots(quantity: number, lot: number): number {
  if (lot <= 0) return quantity;
  const lots = Math.trunc(quantity / lot + Math.sign(quantity) * 1e-9);
  return Number((lots * lot).toPrecision(12));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
