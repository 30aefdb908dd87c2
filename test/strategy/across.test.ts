import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neutralise, rank, topK, zscoreAcross } from '../../src/strategy/across.ts';
import fc from '../fast-check.ts';

const { NaN: none } = Number;

test('ranks go from 0 to 1, ties share their place and what is unknown has none', () => {
  assert.deepEqual(rank([30, 10, 20]), [1, 0, 0.5]);
  assert.deepEqual(rank([1, none, 1, 2]), [0.25, none, 0.25, 1]);
  assert.deepEqual(rank([none, 7]), [none, 0.5]);
  assert.deepEqual(rank([]), []);
});

test('z-scores are distances from the mean of all', () => {
  assert.deepEqual(zscoreAcross([1, 2, 3, none]), [-1, 0, 1, none]);
  assert.deepEqual(zscoreAcross([5, 5]), [0, 0]);
});

test('the k highest share the money, and ties share the last places', () => {
  assert.deepEqual(topK([3, 1, 2], 2), [0.5, 0, 0.5]);
  assert.deepEqual(topK([3, 2, 2, none], 2), [0.5, 0.25, 0.25, 0]);
  assert.deepEqual(topK([none, 1], 4), [0, 0.25]);
  assert.throws(() => topK([1], 0), /topK: expected a number of symbols, 1 or more, got 0/);
});

test('a neutral book is as much long as short, or has no beta', () => {
  assert.deepEqual(neutralise([3, 1, none]), [0.5, -0.5, 0]);
  assert.deepEqual(neutralise([2, 2, 2]), [0, 0, 0]);
  const betas = [0.5, 1, 2];
  const weights = neutralise([1, 0, -2], betas);
  assert.ok(Math.abs(weights.reduce((sum, weight, i) => sum + weight * betas[i], 0)) < 1e-12);
  assert.throws(() => neutralise([1, 2], [1]), /expected 2 betas/);
});

test('none of them depends on the order of the symbols', () => {
  const value = fc.oneof(fc.double({ noNaN: true, min: -9, max: 9 }), fc.constantFrom(none, 1, 2));
  const helpers = [rank, zscoreAcross, (values: number[]) => topK(values, 3), (values: number[]) => neutralise(values)];
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 9 }), (values) => {
      for (const helper of helpers) assert.deepEqual(helper(values.toReversed()).toReversed(), helper(values));
    }),
  );
});
