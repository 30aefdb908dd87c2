import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../../src/task/tools/tool.ts';

test('words of a model are text: no escape sequence, no zero byte, no change of direction, no half of a character', () => {
  const words = (value: unknown) => text({ value }, 'value');
  assert.equal(words(' a\u001b[2Jb '), 'a [2Jb');
  assert.equal(words('a\u0000b\u202ec\ud83dd'), 'a b c d');
  assert.equal(words('zwei\nZeilen\tund ü€😀'), 'zwei\nZeilen\tund ü€😀');
  assert.equal(words(7), '7');
  assert.equal(words(null), '');
});
