import assert from 'node:assert/strict';
import test from 'node:test';
import fc from '../../fast-check.ts';
import { CATALOGUE, type Columns, compute } from './catalogue.ts';
import { sliced, walk } from './columns.ts';

const scene = fc.record({
  seed: fc.nat(1000),
  other: fc.nat(1000),
  length: fc.integer({ min: 1, max: 220 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  period: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 60 })),
  holes: fc.array(fc.nat(219), { maxLength: 3 }),
});

for (const [name, { least }] of Object.entries(CATALOGUE)) {
  test(`${name}: replacing the future never changes the past, and a prefix is enough`, () => {
    fc.assert(
      fc.property(scene, ({ seed, other, length, cut, period, holes }) => {
        const n = Math.max(least, period);
        const bars = withHoles(walk(length, seed), holes);
        const at = Math.floor(cut * length);
        const whole = compute(name, bars, n);
        const changed = compute(name, spliced(bars, walk(length, other), at), n);
        const prefix = compute(name, sliced(bars, 0, at), n);
        for (const output of Object.keys(whole)) {
          assert.equal(whole[output].length, length, output);
          sameBits(whole[output], changed[output], at, output);
          sameBits(whole[output], prefix[output], at, output);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });
}

test('the same bars give the same numbers twice, and no input is written to', () => {
  const bars = walk(300, 9);
  const before = sliced(bars, 0, 300);
  for (const name of Object.keys(CATALOGUE)) assert.deepEqual(compute(name, bars, 14), compute(name, bars, 14), name);
  assert.deepEqual(bars, before);
});

/** Even a rounding that depended on the future would be a leak. */
function sameBits(a: Float64Array, b: Float64Array, length: number, what: string): void {
  for (let i = 0; i < length; i++) if (!Object.is(a[i], b[i])) assert.fail(`${what} at ${i}: ${a[i]} became ${b[i]}`);
}

function withHoles(bars: Columns, holes: readonly number[]): Columns {
  for (const column of Object.values(bars))
    for (const hole of holes) if (hole < column.length) column[hole] = Number.NaN;
  return bars;
}

function spliced(past: Columns, future: Columns, at: number): Columns {
  const joined = sliced(past, 0, past.close.length);
  for (const key of Object.keys(joined) as (keyof Columns)[]) joined[key].set(future[key].subarray(at), at);
  return joined;
}
