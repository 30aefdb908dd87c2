import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { fillsOf, halves, play, rows } from './play.ts';

describe('a universe', () => {
  it('decides once a moment and shows every symbol: what is gone keeps its last close and is not live', () => {
    const seen: unknown[] = [];
    play({ A: rows(10, 11, null, 12), B: rows(null, 20, 21, 22) }, (now) => {
      seen.push(now.symbols.map(({ name, close, live }) => [name, close, live]));
    });
    assert.deepEqual(seen, [
      [
        ['A', 10, true],
        ['B', Number.NaN, false],
      ],
      [
        ['A', 11, true],
        ['B', 20, true],
      ],
      [
        ['A', 11, false],
        ['B', 21, true],
      ],
      [
        ['A', 12, true],
        ['B', 22, true],
      ],
    ]);
  });

  it('weights are fractions of the whole equity, and now.cash, gross and net say what the book holds', () => {
    const seen: number[][] = [];
    const result = play({ A: rows(10, 10, 10, 20), B: rows(5, 5, 5, 5) }, (now) => {
      seen.push([now.cash, now.equity, now.gross, now.net, now.of('A').weight, now.of('B').position]);
      now.of('A').target(0.5);
      now.of('B').target(-0.25);
    });
    assert.deepEqual(fillsOf(result), [
      ['A', 1, 50, 10],
      ['B', 1, -50, 5],
    ]);
    assert.deepEqual(seen[1], [750, 1000, 0.75, 0.25, 0.5, -50]);
    assert.deepEqual(seen[3], [750, 1500, 1250 / 1500, 750 / 1500, 1000 / 1500, -50]);
  });

  it('what a decision adds is cut by one factor for all where it goes beyond the gross limit', () => {
    const result = play({ A: rows(10, 10), B: rows(10, 10), C: rows(10, 10) }, (now) => {
      for (const { target, name } of now.symbols.map((s) => ({ target: s.target.bind(s), name: s.name }))) {
        target(name === 'A' ? 1 : 0.5);
      }
    });
    assert.deepEqual(
      fillsOf(result).map(([, , quantity]) => quantity),
      [50, 25, 25],
    );
  });

  it('the net limit cuts the heavier side alone', () => {
    const limits = { gross: 2, net: 0.1 };
    const result = play(
      { A: rows(10, 10), B: rows(10, 10) },
      (now) => {
        now.of('A').target(0.8);
        now.of('B').target(-0.5);
      },
      {
        limits,
      },
    );
    assert.deepEqual(
      fillsOf(result).map(([, , quantity]) => Math.round(Number(quantity))),
      [60, -50],
    );
  });

  it('a hedge that goes takes what it hedged with it: asked to leave, or stopped out', () => {
    const limits = { gross: 2, net: 0.1 };
    const hedged = { A: rows(10, 10, 10, 10, 10), B: rows(10, 10, 12, 10, 10) };
    const book = (leave: (now: UniverseNow<{ speed: never }>) => void) => {
      let turn = 0;
      const result = play(
        hedged,
        (now) => {
          if (turn === 0) {
            now.of('A').target(0.5);
            now.of('B').target(-0.5, { stop: 11 });
          }
          if (turn === 1) leave(now);
          turn += 1;
        },
        { limits, costs: { kind: 'perpetual' } },
      );
      return fillsOf(result).map(([symbol, , quantity]) => `${symbol} ${Math.round(Number(quantity))}`);
    };
    assert.deepEqual(
      book((now) => now.of('B').flat()),
      ['A 50', 'B -50', 'A -40', 'B 50'],
    );
    // The stop fills at 12; the decision behind it asks for nothing. Of 900 that are left a tenth is kept.
    assert.deepEqual(
      book(() => {}),
      ['A 50', 'B -50', 'B 50', 'A -41'],
    );
  });

  it('the net limit counts orders too, and leaves orders of the lighter side alone', () => {
    const limits = { gross: 2, net: 0.2 };
    const one = play({ A: rows(10, 10), B: rows(10, 10) }, (now) => now.of('A').order(0.9), { limits });
    assert.deepEqual(
      fillsOf(one).map(([, , quantity]) => Math.round(Number(quantity))),
      [20],
    );
    const both = play(
      { A: rows(10, 10), B: rows(10, 10) },
      (now) => {
        now.of('A').order(0.9);
        now.of('B').order(-0.5);
      },
      { limits },
    );
    assert.deepEqual(
      fillsOf(both).map(([, , quantity]) => Math.round(Number(quantity))),
      [70, -50],
    );
  });

  it('whatever is asked for at a price that stays, the book is within its limits', () => {
    const weight = fc.double({ min: -1, max: 1, noNaN: true });
    const wish = fc.record({
      symbol: fc.constantFrom('A', 'B', 'C'),
      act: fc.constantFrom('target', 'order', 'flat'),
      weight,
      reduceOnly: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(wish, { maxLength: 5 }), { maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (plan, net) => {
          const still = rows(...Array.from({ length: plan.length + 3 }, () => 10));
          const seen: number[] = [];
          let turn = 0;
          play(
            { A: still, B: still, C: still },
            (now) => {
              seen.push(now.net);
              for (const { symbol, act, weight, reduceOnly } of plan[turn] ?? []) {
                if (act === 'flat') now.of(symbol).flat();
                else if (act === 'target') now.of(symbol).target(weight);
                else now.of(symbol).order(weight, { reduceOnly });
              }
              turn += 1;
            },
            { limits: { gross: 2, net }, costs: { kind: 'perpetual', lot: 1e-8 } },
          );
          for (const each of seen) assert.ok(Math.abs(each) <= net + 1e-6, `${each} beyond ${net}`);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('room is made before it is taken: what leaves fills first, whatever its name', () => {
    for (const [first, second] of ['AZ', 'ZA']) {
      const swap = play(
        { A: rows(10, 10, 10, 10), Z: rows(10, 10, 10, 10) },
        (now) => {
          const holds = now.of(first).position !== 0;
          now.of(first).target(holds ? 0 : 1);
          if (holds) now.of(second).target(1);
        },
        { costs: { kind: 'spot' } },
      );
      const order = swap.fills!.slice(0, 3).map(({ symbol, quantity }) => [symbol, quantity]);
      assert.deepEqual(order, [
        [first, 100],
        [first, -100],
        [second, 100],
      ]);
    }
  });

  it('cash that is not enough for all that opens is shared by what each asked for', () => {
    // Both gap up after the decision: 1500 would be needed.
    for (const kind of ['spot', 'perpetual'] as const) {
      const result = play({ A: rows(10, 15), B: rows(20, 30) }, halves, {
        costs: { kind },
      });
      const spent = fillsOf(result).map(([symbol, , quantity, price]) => [
        symbol,
        Math.round(Number(quantity) * Number(price)),
      ]);
      assert.deepEqual(
        spent,
        [
          ['A', 500],
          ['B', 500],
        ],
        kind,
      );
    }
  });

  it('orders for a symbol in its warm-up are refused and counted; leaving nothing is no order', () => {
    const result = play({ A: rows(10, 10), B: rows(null, 10) }, (now) => {
      now.of('B').flat();
      now.of('B').target(0.5);
    });
    assert.equal(result.refused, 1);
    assert.equal(result.fillCount, 0);
  });

  it('names are handles where it is anonymous, and the calendar is not shown', () => {
    const symbols = { BTCUSD: rows(10, 10), ETHUSD: rows(20, 20), LTCUSD: rows(30, 30) };
    for (const asked of [{ anonymous: true }, { allAnonymous: true }]) {
      const seen = new Set<string>();
      play(
        symbols,
        (now) => {
          for (const { name } of now.symbols) seen.add(name);
          assert.throws(() => now.of('BTCUSD'), /S01, S02, S03/);
          assert.equal('hour' in now, false);
          assert.equal('time' in now.symbols[0], false);
        },
        { ...asked, calendar: 'none' },
      );
      assert.deepEqual([...seen], ['S01', 'S02', 'S03']);
    }
  });

  it('its views keep nothing and make no others', () => {
    play({ A: rows(10, 10) }, (now) => {
      const [view] = now.symbols;
      for (const object of [now, view, now.symbols]) assert.ok(Object.isFrozen(object));
      assert.notEqual(
        view.constructor,
        Object.getPrototypeOf(view).constructor === Object ? undefined : view.constructor,
      );
      for (let each = Object.getPrototypeOf(view); each !== Object.prototype; each = Object.getPrototypeOf(each)) {
        assert.ok(Object.isFrozen(each));
        for (const { get, value } of Object.values(Object.getOwnPropertyDescriptors(each))) {
          assert.ok(Object.isFrozen(get ?? value));
        }
      }
    });
  });
});
