import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SymbolCosts } from '../../../src/backtest/market.ts';
import type { OrderOptions } from '../../../src/strategy/now.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import fc from '../../fast-check.ts';
import { barsOf } from '../support.ts';
import { fillsOf, play, rows, START } from './play.ts';

type Now = UniverseNow<{ speed: never }>;

/** Beyond the limit nothing that is held is sold for less than this share of the equity. */
const BAND = 0.02;

/** `now.net` at each decision, one of which is made after each price; `decide` is told its number. */
function netsOf(
  net: number,
  decide: (now: Now, turn: number) => void,
  { prices = new Array(10).fill(10), costs = {} }: { prices?: number[]; costs?: Partial<SymbolCosts> } = {},
) {
  const nets: number[] = [];
  const bars = rows(...prices);
  const result = play(
    { A: bars, B: bars, C: bars, D: bars },
    (now) => {
      nets.push(now.net);
      decide(now, nets.length - 1);
    },
    { limits: { gross: 2, net }, costs: { kind: 'perpetual', lot: 1e-8, ...costs } },
  );
  const fills = fillsOf(result).map(([symbol, , quantity]) => `${symbol} ${Math.round(Number(quantity))}`);
  return { nets, fills, result };
}

describe('a net limit below the gross one', () => {
  it('cuts the heavier side alone, orders too', () => {
    const once = (decide: (now: Now) => void) => netsOf(0.2, (now, turn) => turn === 0 && decide(now)).fills;
    assert.deepEqual(
      once((now) => now.of('A').order(0.9)),
      ['A 20'],
    );
    const both = (now: Now) => {
      now.of('A').order(0.9);
      now.of('B').order(-0.5);
    };
    assert.deepEqual(once(both), ['A 70', 'B -50']);
    const targets = (now: Now) => {
      now.of('A').target(0.4);
      now.of('C').target(0.8);
      now.of('B').target(-0.5);
    };
    assert.deepEqual(once(targets), ['A 23', 'B -50', 'C 47']);
  });

  it('sells what a hedge hedged when it goes: asked to leave, or stopped out', () => {
    const book = (leave: (now: Now) => void, prices: number[]) =>
      netsOf(
        0.1,
        (now, turn) => {
          if (turn === 0) {
            now.of('A').target(0.5);
            now.of('B').target(-0.5, { stop: 11 });
          }
          if (turn === 1) leave(now);
        },
        { prices },
      );
    assert.deepEqual(book((now) => now.of('B').flat(), [10, 10, 10, 10]).fills, ['A 50', 'B -50', 'A -40', 'B 50']);
    // Both rise to 12: A holds 600 of 1000 and keeps 100.
    assert.deepEqual(book(() => {}, [10, 10, 12, 12, 12]).fills, ['A 50', 'B -50', 'B 50', 'A -42']);
  });

  it('never trades what nobody asked for: orders that wait, or were taken back, stay so', () => {
    for (const options of [{ limit: 5 }, { trigger: 15 }] as const)
      assert.deepEqual(netsOf(0.1, (now, turn) => turn === 0 && now.of('A').order(0.9, options)).fills, []);
    const taken = netsOf(0.1, (now, turn) => {
      if (turn > 0) return;
      now.of('A').order(0.9);
      now.of('A').cancel();
    });
    assert.deepEqual(taken.fills, []);
    const waits = netsOf(0.1, (now, turn) => {
      if (turn === 0) now.of('A').target(0.5, { limit: 5 });
      if (turn === 0) now.of('B').target(-0.1);
      if (turn === 2) now.of('B').flat();
    });
    assert.deepEqual(waits.fills, ['B -10', 'B 10']);
  });

  it('cuts what adds where a later order only reduces', () => {
    const { nets } = netsOf(0.46, (now, turn) => {
      if (turn === 0) now.of('A').target(-0.46);
      if (turn !== 1) return;
      now.of('A').target(0.486);
      now.of('A').order(0.836, { reduceOnly: true });
      now.of('B').target(0.599);
    });
    assert.ok(Math.abs(nets.at(-1)! - 0.46) < 1e-6, String(nets));
  });

  it('exits of what is cut stay, and a take-profit of a hedge sells nothing before it fills', () => {
    const stopped = netsOf(0.1, (now, turn) => turn === 0 && now.of('A').order(0.9, { stop: 9 }), {
      prices: [10, 10, 10, 8, 8],
    });
    assert.deepEqual(stopped.fills, ['A 10', 'A -10']);
    const profit = netsOf(0.1, (now, turn) => {
      if (turn === 0) now.of('A').target(0.5);
      if (turn === 0) now.of('B').target(-0.5);
      if (turn === 1) now.of('A').order(-0.5, { limit: 12, reduceOnly: true });
    });
    assert.deepEqual(profit.fills, ['A 50', 'B -50']);
  });

  for (const [how, decide, costs] of [
    ['an order far below the price', (now: Now) => now.of('A').target(1, { limit: 0.01 })],
    ['an order that only reduces', (now: Now) => now.of('A').target(1, { reduceOnly: true })],
    [
      'an order that is taken back',
      (now: Now) => {
        now.of('A').order(0.9);
        now.of('A').cancel();
      },
    ],
    [
      'orders that are too small',
      (now: Now) => {
        for (const name of ['A', 'B', 'C']) now.of(name).target(0.3);
      },
      { minNotional: 400 },
    ],
  ] as const)
    for (const every of [1, 2])
      it(`counts no hedge that does not come: ${how}, every ${every}`, () => {
        const { nets } = netsOf(
          0.1,
          (now, turn) => {
            if (turn % every === 0) decide(now);
            else now.of('A').flat();
            now.of('D').target(-0.9);
          },
          { costs },
        );
        // What it asks for at market is counted once.
        const beyond = nets.filter((net) => Math.abs(net) > 0.1 + BAND + 1e-6);
        assert.ok(beyond.length <= (costs ? 1 : 0), String(nets));
        assert.ok(Math.abs(nets.at(-1)!) <= 0.1 + BAND + 1e-6, String(nets));
      });

  it('counts no hedge of a symbol that is gone', () => {
    const nets: number[] = [];
    const living = rows(...new Array(8).fill(10));
    play(
      { A: rows(10, 10), D: living },
      (now) => {
        nets.push(now.net);
        if (nets.length > 2) now.of('A').target(1);
        if (nets.length > 2) now.of('D').target(-1);
      },
      { limits: { gross: 2, net: 0.1 }, costs: { kind: 'perpetual', lot: 1e-8 } },
    );
    assert.ok(
      nets.every((net) => Math.abs(net) < 0.1 + 1e-6),
      String(nets),
    );
  });

  it('follows prices, but does not trade for little', () => {
    const drift = (to: number) => {
      const nets: number[] = [];
      const result = play(
        { A: rows(10, 10, to, to, to, to), B: rows(10, 10, 10, 10, 10, 10) },
        (now) => {
          nets.push(now.net);
          if (nets.length === 1) now.of('A').target(0.5);
          if (nets.length === 1) now.of('B').target(-0.5);
        },
        { limits: { gross: 2, net: 0.1 }, costs: { kind: 'perpetual', lot: 1e-8 } },
      );
      return { fills: result.fillCount, last: nets.at(-1)! };
    };
    assert.deepEqual(drift(12).fills, 2, 'net .091');
    const doubled = drift(20);
    assert.equal(doubled.fills, 3);
    assert.ok(Math.abs(doubled.last - 0.1) < 1e-6, String(doubled.last));
  });

  it('a target that it leaves at what is held changes only the exits, until a tenth more is free', () => {
    const again = (prices: number[], lot: number) =>
      netsOf(
        0.2,
        (now, turn) => {
          for (const name of ['A', 'B']) now.of(name).target(1, { stop: turn < 4 ? 1 : 9.5 });
        },
        { prices, costs: { lot } },
      );
    for (const lot of [0, 0.01, 1]) {
      const { fills, result } = again([10, 10, 10.3, 9.8, 10.2, 9.9], lot);
      assert.deepEqual([fills, result.refused], [['A 10', 'B 10'], 0]);
      const fallen = again([10, 10, 10, 8, 8], lot);
      assert.deepEqual(fallen.fills.length, 4, String(fallen.fills));
      assert.equal(fallen.result.refused, 0);
      const stopped = again([10, 10, 10, 10, 10, 10, 9.4], lot);
      assert.deepEqual(stopped.fills, ['A 10', 'B 10', 'A -10', 'B -10']);
    }
  });

  it('holds whatever is asked for: beyond it, it is brought back by the next decision', () => {
    const weight = fc.double({ min: -1, max: 1, noNaN: true });
    const options: fc.Arbitrary<OrderOptions> = fc.oneof(
      fc.constant({}),
      fc.constant({ reduceOnly: true }),
      fc.record({ limit: fc.integer({ min: 8, max: 12 }) }),
      fc.record({ trigger: fc.integer({ min: 8, max: 12 }) }),
      fc.record({ stop: fc.constant(9), target: fc.constant(11) }),
    );
    const wish = fc.record({
      symbol: fc.constantFrom('A', 'B', 'C'),
      act: fc.constantFrom('target', 'order', 'flat', 'cancel'),
      weight,
      options,
    });
    const plans = fc.array(fc.array(wish, { maxLength: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(plans, fc.double({ min: 0, max: 1, noNaN: true }), (plan, net) => {
        const bars = barsOf(
          Array.from({ length: plan.length + 6 }, () => [10, 11, 9, 10]),
          START,
        );
        const nets: number[] = [];
        play(
          { A: bars, B: bars, C: bars },
          (now) => {
            for (const { symbol, act, weight, options } of plan[nets.length] ?? []) {
              const view = now.of(symbol);
              if (act === 'flat') view.flat();
              else if (act === 'cancel') view.cancel();
              else if (act === 'target') view.target(weight, options);
              else view.order(weight, options);
            }
            // The last of all: waiting orders would go on to fill.
            if (nets.length === plan.length) for (const view of now.symbols) view.cancel();
            nets.push(now.net);
          },
          { limits: { gross: 2, net }, costs: { kind: 'perpetual', lot: 1e-8 } },
        );
        const [last, before] = [nets.at(-1)!, nets.at(-2)!];
        assert.ok(Math.abs(last) <= net + BAND + 0.01 || Math.abs(last) < Math.abs(before), `${nets} of ${net}`);
      }),
      { numRuns: 300 },
    );
  });
});
