import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RalphError } from '../../../src/base/errors.ts';
import { plainText } from '../../../src/base/plain.ts';
import { backoff } from '../../../src/base/wait/backoff.ts';
import { worldError } from '../../../src/base/world-error.ts';

test('the wait doubles with each failure in a row, from the first to the most', () => {
  const waits = [0, 1, 2, 3, 4, 5, 5000].map((failures) => backoff(failures, 0.2, 2));
  assert.deepEqual(waits, [0, 0.2, 0.4, 0.8, 1.6, 2, 2]);
  assert.equal(backoff(5000, 0, 10), 0);
});

test('what the operating system refused is told with a remedy; a bug is not', () => {
  const refused = (code: string) => Object.assign(new Error(`${code}: no, open '/x'`), { code, syscall: 'open' });
  for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'ENOENT', 'EMFILE']) {
    const told = worldError(new Error('outer', { cause: refused(code) }));
    assert.ok(told instanceof RalphError);
    assert.match(told.message, new RegExp(`^${code}: no, open '/x'$`));
  }
  assert.equal(worldError(new TypeError('x is undefined')), null);
  assert.equal(worldError(Object.assign(new Error('x'), { code: 'ENOENT' })), null, 'no call of the system');
});

test('text for a terminal keeps its lines and loses what acts on the terminal', () => {
  assert.equal(plainText('a\tb\nc\x1b[31m\r\x07\x9b\u202ed — é 日'), 'a\tb\nc?[31m????d — é 日');
});
