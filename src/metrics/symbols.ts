import type { SimulationResult } from '../backtest/contract.ts';
import { turnover } from './returns.ts';

/** What one symbol of a universe did for the whole, as shares. */
export interface SymbolFigures {
  readonly symbol: string;
  /** After costs, as a share of the starting cash. */
  readonly profit: number;
  /** Share of the net profit of all; above 1 where the others lost. Null without a net profit. */
  readonly share: number | null;
  /** Money traded a year as a multiple of the mean daily equity. */
  readonly turnover: number | null;
  /** Mean of |position value| / equity. */
  readonly exposure: number;
}

/** Figures of each symbol, by falling profit; undefined for a simulation that is no universe. */
export function symbolFigures({ symbols, cash, dayEquity }: SimulationResult): SymbolFigures[] | undefined {
  if (!symbols) return undefined;
  const net = symbols.reduce((sum, { profit }) => sum + profit, 0);
  return symbols
    .map(({ symbol, profit, traded, exposure }) => ({
      symbol,
      profit: profit / cash,
      share: net > 0 ? profit / net : null,
      turnover: turnover(traded, dayEquity),
      exposure,
    }))
    .sort((a, b) => b.profit - a.profit);
}
