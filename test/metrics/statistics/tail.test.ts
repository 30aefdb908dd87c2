import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import { normalCdf } from '../../../src/metrics/statistics/normal.ts';
import { tailProbability } from '../../../src/metrics/statistics/tail.ts';

const normal = (count: number, seed: string) => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => gaussian(random));
};

test('where ten draws or more reach it, the share of the draws speaks', () => {
  const draws = Float64Array.from({ length: 100 }, (_, i) => i);
  assert.equal(tailProbability(draws, 50), 51 / 101);
  assert.equal(tailProbability(draws, 90), 11 / 101);
});

test('beyond the draws the tail is no smaller than the truth nearly always, and not absurdly larger', () => {
  for (const z of [2.5, 3.2, 4]) {
    const truth = normalCdf(-z);
    const found = Array.from({ length: 40 }, (_, k) => tailProbability(normal(400, `${k}`), z));
    assert.ok(found.filter((p) => p < 0.5 * truth).length <= 3, `z ${z}: ${found.map((p) => p / truth)}`);
    assert.ok(found.toSorted((a, b) => a - b)[20] < 40 * truth, `z ${z}`);
  }
});

test('a heavy tail is not taken for a normal one', () => {
  const random = seededRandom('heavy');
  const draws = normal(2000, 'heavy').map((value) => value / Math.sqrt(random() ** 0.8));
  assert.ok(tailProbability(draws, 20) > 20 * normalCdf(-20 / 1.5));
});

test('draws that reach it are never smoothed away', () => {
  const draws = [...normal(497, 'thin'), 6, 6, 6];
  assert.ok(tailProbability(draws, 5.9) >= 3 / 500);
});

test('fails closed: too few, constant or undefined draws say 1', () => {
  assert.equal(tailProbability(normal(19, 'few'), 9), 1);
  assert.equal(tailProbability(new Float64Array(300), 9), 1);
  assert.equal(tailProbability(Float64Array.from([...normal(300, 'nan'), Number.NaN]), 9), 1);
  assert.equal(tailProbability(normal(300, 'nan'), Number.NaN), 1);
});
