import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeTape, writeTape } from '../../../src/backtest/minute/tape.ts';
import { barsFrom, scaledBars } from '../../../src/backtest/view/derived.ts';
import { prepare, prepareAltered } from '../../../src/backtest/view/prepare.ts';
import { lentTape, noteWritten, restore, scratchesOf, touch } from '../../../src/backtest/view/scratch.ts';
import type { Bars } from '../../../src/market/bars.ts';
import fc from '../../fast-check.ts';
import { candles } from '../arbitrary.ts';

const FRAMES = ['1m', '5m', '15m', '1h', '1d'] as const;

/** The same numbers with nothing known of them. */
function anew(bars: Bars): Bars {
  return { ...bars };
}

function sameAs(bars: Bars): void {
  const [known, plain] = [prepare('X', bars), prepare('X', anew(bars))];
  for (const timeframe of FRAMES) {
    assert.deepEqual(known.frame(timeframe), plain.frame(timeframe));
    // Another order is another shape: compiled code would be thrown away when it comes.
    assert.deepEqual(Object.keys(known.frame(timeframe)), Object.keys(plain.frame(timeframe)));
  }
  const length = 4 * bars.length;
  assert.deepEqual(known.tape.with(0, bars.length).slice(0, length), plain.tape.with(0, bars.length).slice(0, length));
}

it('bars from a later time on are prepared as if nothing was known of them', () => {
  fc.assert(
    fc.property(candles, fc.nat(), (all, at) => {
      const bars = barsFrom('X', all, all.time[at % all.length]);
      assert.equal(bars.time[0], all.time[at % all.length]);
      sameAs(bars);
    }),
    { numRuns: 200 },
  );
});

it('scaled bars too', () => {
  fc.assert(
    fc.property(candles, fc.constantFrom(0.125, 4), fc.constantFrom(0.25, 1, 8), (all, scale, volumes) => {
      sameAs(scaledBars('X', all, scale, volumes));
      const bars = scaledBars('X', all, scale, volumes, scratchesOf([all], 0)[0]);
      assert.equal(bars.close[0], all.close[0] * scale);
      assert.equal(bars.volume[0], all.volume[0] * volumes);
      sameAs(bars);
      assert.deepEqual(prepare('X', bars).squares(), prepare('X', anew(bars)).squares());
    }),
    { numRuns: 200 },
  );
});

it('running squares in lent memory are those of the bars, one altered market after the other', () => {
  fc.assert(
    fc.property(candles, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (all, places) => {
      const room = { tape: makeTape(all), squares: new Float64Array(all.length + 1), rows: 0 };
      for (const rows of places.map((place) => 1 + (place % all.length)).sort((a, b) => a - b)) {
        const close = all.close.map((price, i) => (i < rows ? price : all.low[i]));
        const altered = { ...all, close };
        prepareAltered('X', altered, all, rows, room);
        const squares = prepare('X', altered).squares();
        assert.deepEqual(squares.slice(0, all.length + 1), prepare('X', anew(altered)).squares());
      }
    }),
    { numRuns: 100 },
  );
});

it('a lent tape is that of the bars on it, one altered market after the other, scaled ones between them', () => {
  const cuts = fc.array(fc.record({ place: fc.nat(), more: fc.nat(9), scaled: fc.constantFrom(0, 0, 0.125, 4) }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(candles, cuts, fc.nat(2), (all, steps, touched) => {
      for (let i = 0; i < touched; i++) touch([all], 10, true);
      const [scratch] = scratchesOf([all], 10);
      for (const { place, more, scaled } of steps) {
        if (scaled) {
          sameAs(scaledBars('X', all, scaled, 8, scratch));
          continue;
        }
        restore(scratch, all);
        const from = 1 + (place % all.length);
        const { columns } = scratch;
        for (let i = from; i < from + more; i++)
          for (const name of ['open', 'high', 'low', 'close'] as const) columns[name][i] = 1 + i;
        noteWritten(scratch, from, from + more);
        const length = from + more;
        const altered = { ...all, ...columns, length };
        const tape = lentTape(scratch, all, (own) => writeTape(own, altered, from, length)).with(0, length);
        assert.deepEqual(
          tape.slice(0, 4 * length),
          makeTape({ ...altered })
            .with(0, length)
            .slice(0, 4 * length),
        );
      }
    }),
    { numRuns: 200 },
  );
});
