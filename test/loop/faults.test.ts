import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf } from '../../src/loop/faults.ts';
import { WorldFault } from '../../src/task/world-fault.ts';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

test('an error of the world is a fault of its class, also when it is the cause of another', () => {
  for (const [code, expected] of [
    ['ELOST', 'disk_error'],
    ['ENOSPC', 'disk_full'],
    ['ENOMEM', 'out_of_memory'],
    ['EROFS', 'disk_error'],
    ['ECONNREFUSED', 'connection'],
    ['57P01', 'database_down'],
  ]) {
    assert.equal(faultOf(coded(code), 'here')?.class, expected);
    assert.equal(faultOf(new Error('the step failed', { cause: coded(code) }), 'here')?.class, expected);
  }
});

test('a WorldFault stays what it is', () => {
  const fault = new WorldFault('model_down', 'the agent session', 'no answer');
  assert.equal(faultOf(fault, 'elsewhere'), fault);
});

test('a bug is no fault: it must not be retried for ever', () => {
  assert.equal(faultOf(new TypeError('x is undefined'), 'here'), null);
  assert.equal(faultOf(coded('ENOENT'), 'here'), null);
  assert.equal(faultOf('a string', 'here'), null);
});
