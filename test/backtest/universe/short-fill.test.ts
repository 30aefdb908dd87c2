import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { fillsOf, halves, play, rows } from './play.ts';

type Now = UniverseNow<{ speed: never }>;

/** Nine tenths of A, and from the second decision on all of B. */
function rotate() {
  let turn = 0;
  return (now: Now) => {
    now.of('A').target(turn === 0 ? 0.9 : 0);
    now.of('B').target(turn === 0 ? 0 : 1);
    turn += 1;
  };
}

describe('a target that the money cuts', () => {
  it('is brought up by the same target when there is room: what was left has a later bar', () => {
    for (const kind of ['spot', 'perpetual'] as const) {
      const bars = { A: rows(10, 10, null, 10, 10), B: rows(10, 10, 10, 10, 10) };
      assert.deepEqual(
        fillsOf(play(bars, rotate(), { costs: { kind } })),
        [
          ['A', 1, 90, 10],
          ['B', 2, 10, 10],
          ['A', 3, -90, 10],
          ['B', 3, 90, 10],
        ],
        kind,
      );
    }
  });

  it('stands where nine tenths of it are held: the fee of a weight of 1 is no reason to trade again', () => {
    for (const kind of ['spot', 'perpetual'] as const) {
      const result = play({ A: rows(10, 10, 9, 12, 8, 10) }, (now) => now.of('A').target(1), {
        costs: { kind, takerBps: 200 },
      });
      assert.equal(result.fillCount, 1, kind);
    }
  });

  it('stands where a gap made its weight worth fewer units', () => {
    for (const kind of ['spot', 'perpetual'] as const) {
      const result = play({ A: rows(10, 15, 18, 18), B: rows(20, 30, 24, 24) }, halves, { costs: { kind } });
      assert.equal(result.fillCount, 2, kind);
    }
  });

  it('stands where it is a lot too small', () => {
    const result = play({ A: rows(10, 10, 5, 5) }, (now) => now.of('A').target(1), {
      costs: { lot: 50, takerBps: 100 },
    });
    assert.deepEqual(fillsOf(result), [['A', 1, 50, 10]]);
  });
});
