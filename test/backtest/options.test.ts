import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OrderOptions } from '../../src/strategy/now.ts';
import { NEUTRAL, play, unitMarket } from './support.ts';
import { play as playUniverse, fillsOf as universeFills, rows as universeRows } from './universe/play.ts';

/** What a candidate can do with one symbol, alone or in a universe. */
interface Desk {
  readonly close: number;
  readonly position: number;
  order(change: number, options?: OrderOptions): void;
}

const ROWS = [100, 100, 101, 103, 102, 99, 104].map((price) => [price, price + 2, price - 2, price + 1]);

/** Every fill of a market in which `first` is asked for at the first decision. */
function fills(first: (desk: Desk) => void): readonly (readonly unknown[])[] {
  let asked = false;
  const once = (desk: Desk) => {
    if (!asked) first(desk);
    asked = true;
  };
  const market = unitMarket({ kind: 'perpetual', makerBps: 2, takerBps: 10 });
  const strategy = {
    ...{ family: 'test', hypothesis: 'none', timeframe: '1m', params: {}, warmup: 1 },
    decide: (now: Desk) => once(now),
  };
  const alone = play(strategy as never, ROWS, market, NEUTRAL).fills!.map((fill) => Object.values(fill));
  asked = false;
  const together = playUniverse({ A: universeRows(100, 101, 103, 102, 99, 104) }, (now) => once(now.symbols[0]), {
    costs: { makerBps: 2, takerBps: 10 },
  });
  return [...alone, ...universeFills(together)];
}

describe('options of an order that are read by a getter', () => {
  it('an order that a getter gives is another order, given before', () => {
    const nested = (desk: Desk) =>
      desk.order(0.5, {
        get limit() {
          desk.order(0.25, { limit: 104, bars: 2 });
          return 105;
        },
        stop: 95,
      });
    const plain = (desk: Desk) => {
      desk.order(0.25, { limit: 104, bars: 2 });
      desk.order(0.5, { limit: 105, stop: 95 });
    };
    assert.ok(fills(plain).length >= 4);
    assert.deepEqual(fills(nested), fills(plain));
  });

  it('an order that fails leaves the ones before it as they are', () => {
    const nested = (desk: Desk) => {
      desk.order(1);
      const trail = -5;
      const failing = () =>
        desk.order(-0.5, {
          get limit() {
            desk.order(-0.5, { limit: 101.5 });
            return undefined;
          },
          trail,
        });
      assert.throws(failing, /trail must be above 0, got -5/);
    };
    const plain = (desk: Desk) => {
      desk.order(1);
      desk.order(-0.5, { limit: 101.5 });
    };
    assert.ok(fills(plain).length >= 4);
    assert.deepEqual(fills(nested), fills(plain));
  });
});
