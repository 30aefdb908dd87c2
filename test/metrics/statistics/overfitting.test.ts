import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import { impliedIndependent } from '../../../src/metrics/statistics/independent.ts';
import { sharpeRatio } from '../../../src/metrics/statistics/moments.ts';
import { probabilityOfOverfitting } from '../../../src/metrics/statistics/overfitting.ts';

const noise = (trials: number, rows: number, seed: string) => {
  const random = seededRandom(seed);
  return Array.from({ length: trials }, () => Float64Array.from({ length: rows }, () => gaussian(random)));
};

test('pure noise gives about .5', () => {
  const runs = Array.from({ length: 20 }, (_, i) => probabilityOfOverfitting(noise(20, 400, `noise ${i}`), 8)!.pbo);
  const mean = runs.reduce((sum, pbo) => sum + pbo, 0) / runs.length;
  assert.ok(mean > 0.35 && mean < 0.65, `${mean}`);
});

test('one column that is always best gives 0', () => {
  const columns = noise(10, 400, 'best');
  columns[3] = columns[3].map((value) => value + 2);
  const found = probabilityOfOverfitting(columns, 8)!;
  assert.deepEqual([found.pbo, found.lossProbability, found.splits], [0, 0, 70]);
});

test('16 blocks have the 12,870 splits that the paper counts', () => {
  assert.equal(probabilityOfOverfitting(noise(3, 160, 'sixteen'), 16)!.splits, 12_870);
});

test('agrees split by split with the definition written out', () => {
  const columns = noise(5, 43, 'plain');
  columns[4] = columns[0];
  const [blocks, rows] = [4, 10];
  const logits: number[] = [];
  for (const chosen of [
    [0, 1],
    [0, 2],
    [1, 2],
    [0, 3],
    [1, 3],
    [2, 3],
  ]) {
    const half = (column: Float64Array, inside: boolean) =>
      Array.from(column.subarray(3)).filter((_, i) => chosen.includes(Math.floor(i / rows)) === inside);
    const performance = columns.map((column) => sharpeRatio(half(column, true)));
    const outside = columns.map((column) => sharpeRatio(half(column, false)));
    const best = performance.indexOf(Math.max(...performance));
    const below = outside.filter((value) => value < outside[best] - 1e-12).length;
    const equal = outside.filter((value) => Math.abs(value - outside[best]) <= 1e-12).length;
    const w = (below + (equal + 1) / 2) / 6;
    logits.push(Math.log(w / (1 - w)));
  }
  const found = probabilityOfOverfitting(columns, blocks)!;
  assert.equal(found.splits, 6);
  for (const [i, logit] of logits.entries()) assert.ok(Math.abs(found.logits[i] - logit) < 1e-9);
  assert.equal(found.pbo, logits.filter((logit) => logit <= 1e-12).length / 6);
});

test('two equal columns tie in the middle: logit 0 counts as overfit', () => {
  const [column] = noise(1, 80, 'tie');
  assert.equal(probabilityOfOverfitting([column, column], 4)!.pbo, 1);
});

test('implied independent trials: all of independent ones, one of copies, the formula in between, nothing of flat lines', () => {
  const apart = noise(40, 2000, 'apart');
  assert.ok(Math.abs(impliedIndependent(apart)! - 40) < 1);
  const [one] = apart;
  assert.ok(Math.abs(impliedIndependent([one, one.map((value) => 3 * value + 1), one])! - 1) < 1e-9);
  // Two orthogonal columns and a copy of the first: pairs correlate 1, 0, 0, so that r = 1/3 and 1/3 + 2/3 x 3 are left.
  const [a, b] = [
    [1, -1, 1, -1],
    [1, 1, -1, -1],
  ];
  assert.ok(Math.abs(impliedIndependent([a, b, a])! - 7 / 3) < 1e-9);
  assert.equal(impliedIndependent([a, [0, 0, 0, 0]]), null);
  assert.equal(impliedIndependent([]), null);
});

test('too little to judge is null', () => {
  assert.equal(probabilityOfOverfitting(noise(1, 400, 'one'), 8), null);
  assert.equal(probabilityOfOverfitting(noise(3, 10, 'short'), 8), null);
  assert.equal(probabilityOfOverfitting([], 8), null);
});

test('a column that is constant in a half counts as nothing there, not as a perfect one', () => {
  const [good, bad] = noise(2, 400, 'good').map((column, n) => column.map((value) => value + (n === 0 ? 2 : -2)));
  for (let tenth = 1; tenth < 40; tenth++) {
    const half = bad.map((value, i) => (i < 200 ? tenth / 10 : value));
    const found = probabilityOfOverfitting([half, good], 8)!;
    assert.deepEqual([found.pbo, found.lossProbability], [0, 0]);
  }
});
