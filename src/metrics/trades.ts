import type { TradeColumns } from '../backtest/contract.ts';
import { orNull } from './undefined.ts';

const HOUR = 3_600_000;

/** Gross profit of the winners over gross loss of the losers, in money. Null without a loss: infinity ranks nothing. */
export function profitFactor(profits: ArrayLike<number>): number | null {
  let [won, lost] = [0, 0];
  for (let i = 0; i < profits.length; i++) {
    if (profits[i] > 0) won += profits[i];
    else lost -= profits[i];
  }
  return lost > 0 ? orNull(won / lost) : null;
}

/** Mean profit of a trade, in the unit of `profits`. Null without trades. */
export function expectancy(profits: ArrayLike<number>): number | null {
  let sum = 0;
  for (let i = 0; i < profits.length; i++) sum += profits[i];
  return orNull(sum / profits.length);
}

/** Share of trades with a profit above 0; one that came out at exactly 0 did not win. Null without trades. */
export function winRate(profits: ArrayLike<number>): number | null {
  let won = 0;
  for (let i = 0; i < profits.length; i++) if (profits[i] > 0) won += 1;
  return orNull(won / profits.length);
}

/** Mean profit of a trade in basis points of the money its largest size cost at the entry price. Null without trades. */
export function expectancyBps({ length, profit, entryPrice, quantity }: TradeColumns): number | null {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += profit[i] / (entryPrice[i] * Math.abs(quantity[i]));
  return orNull((sum / length) * 10_000);
}

/** Mean time from the opening of a position to its end in hours, closed trades only. Null without trades. */
export function holdingHours({ length, entryTime, exitTime }: TradeColumns): number | null {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += exitTime[i] - entryTime[i];
  return orNull(sum / length / HOUR);
}

/**
 * Share of the net profit that its `top` best entries made: above 1, everything else lost money. Null when there is no
 * net profit to have a share in.
 */
export function concentration(profits: ArrayLike<number>, top: number): number | null {
  const falling = Float64Array.from(profits).sort().reverse();
  const net = falling.reduce((sum, profit) => sum + profit, 0);
  if (!(net > 0)) return null;
  return orNull(falling.subarray(0, top).reduce((sum, profit) => sum + Math.max(0, profit), 0) / net);
}
