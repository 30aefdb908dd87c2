import assert from 'node:assert/strict';
import { type Bars, MINUTE, type Range } from '../../../src/market/bars.ts';
import { timeOf } from '../support.ts';
import type { Scene, Watched } from './plans.ts';

/** Everything that a decision can look at, as numbers. */
export function viewed(now: Watched): number[] {
  const higher = (['1m', '5m', '15m', '1h', '1d'] as const).flatMap((timeframe) => {
    const bar = now.tf(timeframe);
    const { open, high, low, close, volume } = bar;
    return [timeOf(bar), open, high, low, close, volume];
  });
  return [
    ...higher,
    now.slow,
    now.ago('low', 1),
    now.ago('time' as 'close', 3),

    timeOf(now),
    now.open,
    now.high,
    now.low,
    now.close,
    now.volume,
    now.position,
    now.weight,
    now.equity,
    now.entryPrice,
    now.barsHeld,
    now.working,
  ];
}

/** A part of the bars' time, cut anywhere, also inside a decision bar. */
export function cut(bars: Bars, [from, to]: Scene['part']): Range {
  const [first, last] = [bars.time[0], bars.time[bars.length - 1] + MINUTE];
  const minute = (share: number) => first + Math.round(((last - first) * share) / MINUTE) * MINUTE;
  return { from: minute(from), to: minute(to) };
}

export type Cell = number | string | readonly Cell[];

/** Equal but for rounding: the oracle adds in another order. */
export function same(fast: readonly Cell[], slow: readonly Cell[], what: string): void {
  assert.ok(equal(fast, slow), `${what}\nengine ${JSON.stringify(fast)}\noracle ${JSON.stringify(slow)}`);
}

function equal(a: Cell, b: Cell): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((cell, i) => equal(cell, b[i]));
  return a === b;
}
