import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

  it('limits that the open has passed share the room with market orders: nothing goes beyond the gross limit', () => {
    let gross = 0;
    let decisions = 0;
    play({ A: rows(100, 100, 100, 100), B: rows(100, 100, 100, 100) }, (now) => {
      gross = Math.max(gross, now.gross);
      decisions += 1;
      if (decisions > 1) return;
      const [a, b] = now.symbols;
      a.order(0.01);
      b.order(0.01);
      for (let i = 0; i < 4; i++) a.order(1, { limit: 110 });
      for (let i = 0; i < 4; i++) a.order(1, { trigger: 90 });
    });
    assert.ok(gross > 0.9 && gross <= 1 + 1e-9, String(gross));
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
