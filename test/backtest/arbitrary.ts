import { type Bars, MINUTE } from '../../src/market/bars.ts';
import { defineStrategy, type StrategyDefinition } from '../../src/strategy/definition.ts';
import type { Now, OrderOptions } from '../../src/strategy/now.ts';
import fc from '../fast-check.ts';
import { barsOf, timeOf } from './support.ts';

/** Candles on a coarse grid of prices, so that opens, stops and limits often meet exactly; some minutes are missing. */
export const candles: fc.Arbitrary<Bars> = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(3), fc.nat(3), fc.integer({ min: -3, max: 3 }), fc.nat(9)), {
    minLength: 12,
    maxLength: 80,
  })
  .map((steps) => {
    let last = 100;
    return barsOf(
      steps.map(([gap, up, down, move, skip]) => {
        if (skip === 0) return null;
        const open = Math.min(140, Math.max(60, last + gap));
        const close = Math.min(140, Math.max(60, open + move));
        last = close;
        return [open, Math.max(open, close) + up, Math.min(open, close) - down, close];
      }),
    );
  })
  .filter((bars) => bars.length >= 8);

/** One decision: what to do and at which distances from the close. */
export interface Act {
  readonly kind: number;
  readonly weight: number;
  readonly stop: number;
  readonly target: number;
  readonly entry: number;
  readonly bars: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  // Neither trailing stops, which begin at the fill price, nor pairs: costs would change what they do.
  kind: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9),
  weight: fc.constantFrom(-1, -0.5, 0, 0.5, 1),
  stop: fc.nat(5),
  target: fc.nat(5),
  entry: fc.integer({ min: -3, max: 3 }),
  bars: fc.integer({ min: 1, max: 4 }),
});

/** What is decided in which minute of the hour; the same minute always decides the same. */
export const plans: fc.Arbitrary<readonly Act[]> = fc.array(act, { minLength: 20, maxLength: 20 });

/** A strategy that follows a plan by the clock, so that what it does never depends on costs or on where a window begins. */
export function follow(plan: readonly Act[], timeframe: '1m' | '5m' = '1m', every = 1): StrategyDefinition {
  return defineStrategy({
    family: 'plan',
    hypothesis: 'none',
    timeframe,
    params: {},
    warmup: 1,
    decide(now) {
      const minute = Math.round(timeOf(now) / MINUTE);
      if (minute % every === 0) carryOut(now, plan[(minute / every) % plan.length]);
    },
  });
}

function carryOut(now: Now, one: Act): void {
  const { close } = now;
  const side = one.weight < 0 ? -1 : 1;
  const exits: OrderOptions = {
    ...(one.stop !== 0 ? { stop: close - side * one.stop } : {}),
    ...(one.target !== 0 ? { target: close + side * one.target } : {}),
  };
  if (one.kind <= 2) now.target(one.weight, exits);
  else if (one.kind === 3) now.target(one.weight, { ...exits, limit: close - side * one.entry, bars: one.bars });
  else if (one.kind === 4) now.target(one.weight, { ...exits, trigger: close + side * one.entry, bars: one.bars });
  else if (one.kind === 5) now.order(one.weight / 2, { limit: close - side * one.entry, bars: one.bars });
  else if (one.kind === 6) now.flat();
  else if (one.kind === 7) now.target(one.weight, { ...exits, trail: Math.abs(one.entry) });
  else if (one.kind === 8) {
    now.order(one.weight, { ...exits, limit: close - side * one.entry, oco: true, bars: one.bars });
    now.order(-one.weight, { trigger: close - side * one.stop, oco: true, bars: one.bars });
  }
}
