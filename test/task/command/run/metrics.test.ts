import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contract } from '../../../../src/task/command/contract/contract.ts';
import { readMetrics } from '../../../../src/task/command/run/metrics.ts';
import { Output, tailOf } from '../../../../src/task/command/run/output.ts';

const source = (text: string) => ({
  text,
  seconds: 2.5,
  file: (path: string) => {
    throw new Error(`no ${path}`);
  },
  bytes: () => 42,
});
const read = (text: string, from: Contract['metrics'][string]['from'] = 'line') =>
  readMetrics({ loss: { from, better: 'lower' } }, source(text)).loss;

test('what is printed is read by one rule for each form, and the last line counts', () => {
  assert.equal(read('loss=0.5'), 0.5);
  assert.equal(read('step 1\nloss = 3e-4\n'), 3e-4);
  assert.equal(read('loss=1\nloss: 0.7\ndone'), 0.7);
  assert.equal(read('loss=45%'), 0.45);
  assert.equal(read('loss=-.5'), -0.5);
  assert.equal(read('val loss 0.25 ok', { pattern: 'loss (\\S+)' }), 0.25);
  assert.equal(read('{"eval": {"loss": 1.5}}', { json: 'eval.loss' }), 1.5);
  assert.equal(read('{\n "eval": {"loss": "2e-1"}\n}', { json: 'eval.loss' }), 0.2);
  assert.equal(read('', 'seconds'), 2.5);
  assert.equal(read('', { bytes: 'out/a.js' }), 42);
});

test('what is no plain number is refused with its reason, never guessed', () => {
  assert.throws(() => read('loss=12,5'), /has a comma; print a point/);
  assert.throws(() => read('loss=NaN'), /no finite number/);
  assert.throws(() => read('loss=-inf'), /no finite number/);
  assert.throws(() => read('loss=1e999'), /expected a number/);
  assert.throws(() => read('loss=12ms'), /expected a number such as 0.25, 3e-4 or 45%, got "12ms"/);
  assert.throws(() => read('all is well'), /no line "loss=NUMBER" was printed/);
  assert.throws(() => read('my_loss=3'), /no line/);
  assert.throws(() => read('x', { pattern: 'loss (\\S+)' }), /nothing printed matches/);
  assert.throws(() => read('{"a": 1}', { json: 'eval.loss' }), /expected a number at eval.loss, got nothing/);
  assert.throws(() => read('', { json: 'a', file: 'r.json' }), /no r.json/);
});

test('an output is its end, in plain characters, however much comes', () => {
  const output = new Output();
  for (let i = 0; i < 400; i++) output.add(`${'x'.repeat(9999)}\n`);
  output.add('\u001b[31mloss\u001b[0m=1\r\nloss=2\u0007\n');
  const { text } = output;
  assert.ok(text.length <= 1_000_000 && text.length > 900_000);
  assert.ok(text.endsWith('loss=1\nloss=2?\n'));
  assert.equal(read(text.replace('?', '')), 2);
  assert.equal(tailOf('a'.repeat(2000), 10), `… ${'a'.repeat(10)}`);
});
