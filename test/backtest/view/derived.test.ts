import assert from 'node:assert/strict';
import { it } from 'node:test';
import { squaredChanges } from '../../../src/backtest/account/variation.ts';
import { barsWithin, isReversible, scaledBars, scaleInPlace } from '../../../src/backtest/view/derived.ts';
import { prepare, prepareAltered } from '../../../src/backtest/view/prepare.ts';
import { scratchOf } from '../../../src/backtest/view/scratch.ts';
import { type Bars, barsOf, columnsOf } from '../../../src/market/bars.ts';
import fc from '../../fast-check.ts';
import { candles } from '../arbitrary.ts';

const FRAMES = ['1m', '5m', '15m', '1h', '1d'] as const;

/** The same numbers with nothing known of them. */
function anew(bars: Bars): Bars {
  return { ...bars };
}

function cloned(bars: Bars): Bars {
  return barsOf(columnsOf(bars).map((column) => column.slice()));
}

function sameAs(bars: Bars): void {
  const [known, plain] = [prepare('X', bars), prepare('X', anew(bars))];
  for (const timeframe of FRAMES) {
    assert.deepEqual(known.frame(timeframe), plain.frame(timeframe));
    // Another order is another shape: compiled code would be thrown away when it comes.
    assert.deepEqual(Object.keys(known.frame(timeframe)), Object.keys(plain.frame(timeframe)));
  }
  // Sums may begin at any number, and the first bar knows the one before it, or does not.
  const sums = (squares: Float64Array) => squares.subarray(1).map((each) => each - squares[1]);
  const [own, fresh] = [sums(known.squares()), sums(plain.squares())];
  assert.equal(own.length, fresh.length);
  for (const [i, sum] of fresh.entries())
    assert.ok(Math.abs(own[i] - sum) <= 1e-9 * Math.max(1, sum), `${own[i]} ${sum}`);
  const length = 4 * bars.length;
  assert.deepEqual(known.tape.with(0, bars.length).slice(0, length), plain.tape.with(0, bars.length).slice(0, length));
}

it('bars between two times are prepared as if nothing was known of them', () => {
  fc.assert(
    fc.property(candles, fc.nat(), fc.nat(), fc.boolean(), (all, at, more, toEnd) => {
      const first = at % all.length;
      const last = toEnd ? all.length : first + 1 + (more % (all.length - first));
      const bars = barsWithin('X', all, { from: all.time[first], to: all.time[last] ?? Infinity });
      assert.deepEqual([bars.time[0], bars.length], [all.time[first], last - first]);
      sameAs(bars);
    }),
    { numRuns: 300 },
  );
});

const scales = fc.record({ price: fc.constantFrom(0.125, 4), volume: fc.constantFrom(0.25, 1, 8) });

it('scaled bars too', () => {
  fc.assert(
    fc.property(candles, scales, (all, scaling) => sameAs(scaledBars('X', all, scaling))),
    { numRuns: 200 },
  );
});

it('bars that are scaled in place are those that are copied, whatever was known of the true ones, and are put back', () => {
  fc.assert(
    fc.property(candles, scales, fc.subarray([...FRAMES, 'squares'] as const), (all, scaling, known) => {
      const [truth, copied] = [cloned(all), scaledBars('X', anew(cloned(all)), scaling)];
      const whole = prepare('X', all);
      for (const each of known) each === 'squares' ? whole.squares() : whole.frame(each);
      const { bars, putBack } = scaleInPlace('X', all, scaling, scratchOf(all));
      assert.deepEqual(bars, copied);
      sameAs(bars);
      assert.deepEqual(prepare('X', bars).squares(), squaredChanges(copied));
      putBack();
      assert.deepEqual(all, truth);
      sameAs(all);
    }),
    { numRuns: 200 },
  );
});

it('the smallest and the largest numbers come back to the last bit, at every scale that is reversible', () => {
  const ends = [1e-150, 1.1e-150, 1 / 3, 1e150];
  const scaledAndBack = (price: number, volume: number) => {
    const [time, open, high, low, close] = Array.from({ length: 5 }, () => Float64Array.from(ends));
    const all = { length: ends.length, time, open, high, low, close, volume: Float64Array.of(0, ...ends.slice(1)) };
    const truth = cloned(all);
    scaleInPlace('X', all, { price, volume }, scratchOf(all)).putBack();
    assert.deepEqual(all, truth);
  };
  for (const bits of [-400, -60, -3, 2, 60, 400]) {
    assert.ok(isReversible({ price: 2 ** bits, volume: 2 ** -bits }));
    scaledAndBack(2 ** bits, 2 ** -bits);
  }
  assert.equal(isReversible({ price: 2 ** 401, volume: 1 }), false);
  assert.equal(isReversible({ price: 1, volume: 2 ** -401 }), false);
  assert.equal(isReversible({ price: 0, volume: 1 }), false);
  assert.throws(() => scaledAndBack(2 ** 1000, 1));
});

it('numbers outside of that are no bars', () => {
  const bars = (price: number, volume: number): Bars => {
    const column = () => Float64Array.of(price);
    const [open, high, low, close] = [column(), column(), column(), column()];
    return { length: 1, time: Float64Array.of(0), open, high, low, close, volume: Float64Array.of(volume) };
  };
  for (const volume of [0, 1e-150, 1e150]) prepare('X', bars(1, volume));
  for (const price of [1e-150, 1e150]) prepare('X', bars(price, 1));
  for (const [price, volume] of [
    [0.9e-150, 1],
    [1.1e150, 1],
    [1, 0.9e-150],
    [1, 1.1e150],
    [1, Number.POSITIVE_INFINITY],
    [1, Number.NaN],
    [1, -1],
  ] as const)
    assert.throws(() => prepare('X', bars(price, volume)), /bar 0 of X is impossible/);
});

it('nothing is derived of bars that are lent', () => {
  fc.assert(
    fc.property(candles, (all) => {
      const whole = prepare('X', all);
      const hour = whole.frame('1h');
      const { putBack } = scaleInPlace('X', all, { price: 4, volume: 8 }, scratchOf(all));
      const range = { from: all.time[0], to: all.time[0] + 1 };
      for (const derive of [
        () => prepare('X', all),
        () => whole.frame('15m'),
        () => whole.squares(),
        () => whole.days(range),
        () => whole.halfSpread(),
        () => whole.series('15m'),
        () => whole.aligned('15m', '1h'),
      ])
        assert.throws(derive, /these bars are lent to another market/);
      assert.equal(whole.there.frame('1h'), hour);
      assert.equal(whole.there.frame('15m'), undefined);
      assert.equal(whole.there.squares(), undefined);
      putBack();
      sameAs(all);
    }),
    { numRuns: 20 },
  );
});

it('running squares in lent memory are those of the bars, one altered market after the other', () => {
  fc.assert(
    fc.property(candles, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (all, places) => {
      const lent = { memory: { squares: new Float64Array(all.length + 1) }, rows: 0 };
      for (const rows of places.map((place) => 1 + (place % all.length)).sort((a, b) => a - b)) {
        const close = all.close.map((price, i) => (i < rows ? price : all.low[i]));
        const altered = { ...all, close };
        prepareAltered(altered, prepare('X', all), rows, lent);
        const squares = prepare('X', altered).squares();
        assert.deepEqual(squares.slice(0, all.length + 1), prepare('X', anew(altered)).squares());
      }
    }),
    { numRuns: 100 },
  );
});
