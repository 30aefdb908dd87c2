import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomic } from '../../src/base/files.ts';
import { canonicalJson, sha256 } from '../../src/base/hash.ts';
import { beta, gaussian, pick, seededRandom } from '../../src/base/random.ts';
import fc from '../fast-check.ts';

test('sha256 gives the published digest of "abc"', () => {
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('canonical JSON does not depend on the order of keys and refuses numbers that JSON would lose', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalJson(value), canonicalJson(turned));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.throws(() => canonicalJson({ sharpe: Number.NaN }), /sharpe is NaN/);
});

test('a seed gives the same stream every time, and another seed another one', () => {
  const draw = (seed: number | string) => Array.from({ length: 5 }, seededRandom(seed));
  assert.deepEqual(draw('a'), draw('a'));
  assert.notDeepEqual(draw('a'), draw('b'));
  assert.notDeepEqual(draw(1), draw(2));
});

test('the stream is uniform and the normal draws are normal, within five standard errors', () => {
  const random = seededRandom(42);
  const n = 100_000;
  let sum = 0;
  let normals = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    sum += random();
    const z = gaussian(random);
    normals += z;
    squares += z * z;
  }
  assert.ok(Math.abs(sum / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
  assert.ok(Math.abs(normals / n) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(['a', 'b'].includes(pick(random, ['a', 'b'])));
});

test('beta draws have the mean of their shapes, below and above 1, within five standard errors', () => {
  const random = seededRandom(7);
  const n = 4000;
  for (const [a, b] of [
    [0.3, 1.7],
    [2, 3],
    [40, 1],
  ]) {
    const draws = Array.from({ length: n }, () => beta(random, a, b));
    assert.ok(draws.every((x) => x >= 0 && x <= 1));
    const mean = draws.reduce((sum, x) => sum + x, 0) / n;
    const variance = (a * b) / ((a + b) ** 2 * (a + b + 1));
    assert.ok(Math.abs(mean - a / (a + b)) < 5 * Math.sqrt(variance / n), `${a} ${b}: ${mean}`);
    const squares = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    assert.ok(Math.abs(squares / variance - 1) < 0.2, `${a} ${b}: ${squares} ${variance}`);
  }
});

test('an atomic write replaces the whole file and leaves no temporary one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-files-'));
  try {
    writeFileAtomic(join(folder, 'deep', 'a.txt'), 'a long first content');
    writeFileAtomic(join(folder, 'deep', 'a.txt'), 'short');
    assert.equal(readFileSync(join(folder, 'deep', 'a.txt'), 'utf8'), 'short');
    assert.deepEqual(readdirSync(join(folder, 'deep')), ['a.txt']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
