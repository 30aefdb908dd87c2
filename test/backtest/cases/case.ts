import type { SimulationRequest } from '../../../src/backtest/contract.ts';
import type { EngineMarket, SymbolCosts } from '../../../src/backtest/market.ts';
import type { Timeframe } from '../../../src/market/bars.ts';
import type { Now } from '../../../src/strategy/now.ts';

/** open, high, low, close and perhaps volume (1000); null is a minute without a trade. */
export type Row = readonly number[] | null;

/** A tiny table of candles, what is decided at the close of which bar, and every fill that must come of it. */
export interface Case {
  readonly name: string;
  readonly rows: readonly Row[];
  /** Decision by index of the closed bar. */
  readonly at: Readonly<Record<number, (now: Now) => void>>;
  /** Minute (row), base units, price, reason. */
  readonly fills: readonly (readonly [number, number, number, string])[];
  readonly equity?: number;
  readonly costs?: Partial<SymbolCosts>;
  readonly market?: Partial<EngineMarket>;
  readonly scenario?: Partial<SimulationRequest['scenario']>;
  readonly timeframe?: Timeframe;
  readonly refused?: number;
  readonly ruined?: boolean;
  /** Epoch ms of row 0. */
  readonly start?: number;
}

/** A bar in which nothing happens. */
export const FLAT: Row = [100, 100, 100, 100];
export const short: Partial<SymbolCosts> = { kind: 'perpetual' };
