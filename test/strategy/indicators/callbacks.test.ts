import assert from 'node:assert/strict';
import { test } from 'node:test';
import { map, rolling, scan } from '../../../src/strategy/indicators/index.ts';
import { makeSeries, valuesOf } from '../../../src/strategy/series.ts';
import fc from '../../fast-check.ts';

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Number.NaN, -0, Infinity, -Infinity, 5e-324, Number.MAX_VALUE),
  fc.double(),
);
const column = fc.array(number, { minLength: 1, maxLength: 60 }).map((values) => Float64Array.from(values));
const period = fc.integer({ min: 1, max: 9 });

/** The same callback as a text that no kernel knows. */
function bare(values: Float64Array, n: number, f: (window: number[]) => number): Float64Array {
  return values.map((_, i) => (i < n - 1 ? Number.NaN : Number(f([...values.subarray(i - n + 1, i + 1)]))));
}

test('a window that is kept in order gives what sorting each window gives, to the last bit', () => {
  fc.assert(
    fc.property(column, period, (values, n) => {
      const shapes: ((w: number[]) => number)[] = [
        (w) => w.sort((a, b) => a - b)[2],
        (w) => [...w].sort((a, b) => a - b)[Math.floor(w.length / 2)],
        (window) => window.toSorted((x, y) => x - y)[window.length >> 1],
        (w) => {
          const sorted = w.slice().sort((a, b) => a - b);
          return sorted[Math.floor(sorted.length / 2)];
        },
      ];
      for (const f of shapes) {
        const made = valuesOf(rolling(n, f)(makeSeries(values)));
        assert.deepEqual([...made], [...bare(values, n, f)]);
      }
    }),
  );
});

test('scan and map give the same for one, two, three and more series', () => {
  fc.assert(
    fc.property(column, (values) => {
      const series = makeSeries(values);
      for (let count = 1; count <= 4; count++) {
        const all = Array.from({ length: count }, () => series);
        const total = (...x: number[]) => x.reduce((a, b) => a + b, 0);
        assert.deepEqual(
          [...valuesOf(map(total)(...all))],
          [...values].map((x) => total(...all.map(() => x))),
        );
        let state = 1;
        const expected = [...values].map((x) => (state = state * 0.5 + total(...all.map(() => x))));
        const step = (s: number, ...x: number[]) => s * 0.5 + total(...x);
        assert.deepEqual([...valuesOf(scan(1, step)(...all))], expected);
        assert.deepEqual(
          [
            ...valuesOf(
              scan(
                { s: 1 },
                ({ s }, ...x) => ({ s: step(s, ...x) }),
                ({ s }) => s,
              )(...all),
            ),
          ],
          expected,
        );
      }
    }),
  );
});

test('a state that stops being a number is carried on as it is', () => {
  const step = ((s: unknown, x: number) => (x > 1 ? s === true : x)) as never;
  const made = valuesOf(scan(0, step)(makeSeries(Float64Array.from([1, 2, 3, 0.5, 2]))));
  assert.deepEqual([...made], [1, 0, 0, 0.5, 0]);
});
