// Runs after the measured code has ended, and never loads it: a wrong result is a crash.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { numbers } from './numbers.mjs';

const sorted = JSON.parse(readFileSync('out/sorted.json', 'utf8'));
const right = Uint32Array.from(numbers(process.env.RALPH_SEED)).sort();
assert.equal(sorted.length, right.length, 'numbers are missing');
assert.ok(
  right.every((number, i) => sorted[i] === number),
  'the numbers are not sorted',
);
