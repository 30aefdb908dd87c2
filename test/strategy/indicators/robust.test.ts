import assert from 'node:assert/strict';
import test from 'node:test';
import { atr, bollinger, correlation, ema, rolling, scan, sma } from '../../../src/strategy/indicators/index.ts';
import { makeSeries, type Series, valuesOf } from '../../../src/strategy/series.ts';
import { CATALOGUE, compute } from './catalogue.ts';
import { sliced, walk } from './columns.ts';

const close = makeSeries(Float64Array.of(1, 2, 3, 4));

for (const [name, { least, endless }] of Object.entries(CATALOGUE)) {
  test(`${name}: no bars, one bar, fewer bars than the period, the smallest period, a period beyond all bounds`, () => {
    for (const length of [0, 1, 2, 5]) {
      for (const n of [least, 2, 10, 1e9]) {
        for (const column of Object.values(compute(name, walk(length, 1), n))) assert.equal(column.length, length);
      }
    }
  });

  test(`${name}: a hole in the data is forgotten`, () => {
    const n = Math.max(least, 5);
    const whole = walk(400, 2);
    const holed = walk(400, 2);
    for (const column of Object.values(holed)) column[100] = Number.NaN;
    const [ours, clean] = [compute(name, holed, n), compute(name, whole, n)];
    for (const output of Object.keys(ours)) {
      const [holedTail, cleanTail] = [ours[output].slice(300), clean[output].slice(300)];
      // what reaches back for ever comes back with numbers, what has a window comes back with the same numbers
      if (endless) assert.equal(holedTail.some(Number.isNaN), cleanTail.some(Number.isNaN), output);
      else assert.deepEqual(holedTail, cleanTail, output);
    }
  });

  test(`${name}: a market that stands still gives no infinity`, () => {
    const still = sliced(walk(60, 3), 0, 60);
    for (const key of ['open', 'high', 'low', 'close'] as const) still[key].fill(100);
    still.volume.fill(0);
    for (const column of Object.values(compute(name, still, Math.max(least, 5)))) {
      assert.ok(column.every((value) => Number.isNaN(value) || Number.isFinite(value)));
    }
  });
}

test('period 1 is the value itself', () => {
  for (const name of ['sma', 'ema', 'wma', 'hma', 'rma', 'dema', 'tema']) {
    assert.deepEqual(compute(name, walk(50, 4), 1).value, walk(50, 4).close, name);
  }
});

test('an EMA is seeded with the first close and has alpha 2 / (n + 1)', () => {
  assert.deepEqual([...valuesOf(ema(close, 3))], [1, 1.5, 2.25, 3.125]);
});

test('a series of a coarser timeframe that starts with NaN stays NaN until its first number', () => {
  const late = makeSeries(Float64Array.of(Number.NaN, Number.NaN, 5, 7));
  assert.deepEqual([...valuesOf(ema(late, 3))], [Number.NaN, Number.NaN, 5, 6]);
  assert.deepEqual([...valuesOf(sma(late, 2))], [Number.NaN, Number.NaN, Number.NaN, 6]);
});

test('periods that are no whole number of bars are refused in words', () => {
  const wrong: unknown[] = [0, -1, 2.5, Number.NaN, Infinity, '5', null, undefined, { valueOf: () => 5 }, [5]];
  for (const period of wrong) {
    assert.throws(() => sma(close, period as number), /sma: period: expected a whole number of bars, 1 or more, got/);
  }
  assert.throws(() => correlation(close, close, 1), /2 or more/);
  assert.throws(() => bollinger(close, 2, Number.NaN), /bollinger: width: expected a finite number/);
});

test('what is not a series is refused, and so are series of two timeframes', () => {
  for (const wrong of [[1, 2], new Float64Array(3), null, undefined, 5, { length: 4 }, new Proxy(close, {})]) {
    assert.throws(() => ema(wrong as unknown as Series, 3), TypeError);
  }
  assert.throws(() => atr(close, close, makeSeries(new Float64Array(3)), 2), /use series of one timeframe/);
});

test('scan sees one bar at a time, in order, and starts afresh for each call', () => {
  const seen: number[][] = [];
  const total = scan(0, (sum, ...values) => {
    seen.push(values);
    return sum + values[0];
  });
  assert.deepEqual([...valuesOf(total(close, close))], [1, 3, 6, 10]);
  assert.deepEqual([...valuesOf(total(close))], [1, 3, 6, 10]);
  assert.deepEqual(seen.slice(0, 4), [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("scan's first state cannot be changed, so that nothing is carried into the next simulation", () => {
  const init = { sum: 0 };
  const wrong = scan(
    init,
    (state, x) => Object.assign(state, { sum: state.sum + x }),
    (state) => state.sum,
  );
  assert.throws(() => wrong(close), TypeError);
  assert.equal(init.sum, 0);
});

test('rolling is handed copies, oldest first, and only full windows', () => {
  const windows: number[][] = [];
  const first = rolling(3, (window) => {
    windows.push(window);
    window[0] = 99;
    return window[2];
  });
  assert.deepEqual([...valuesOf(first(close))], [Number.NaN, Number.NaN, 3, 4]);
  assert.deepEqual(windows, [
    [99, 2, 3],
    [99, 3, 4],
  ]);
  assert.deepEqual([...valuesOf(close)], [1, 2, 3, 4]);
});
