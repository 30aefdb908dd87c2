import { orNull } from './undefined.ts';

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
