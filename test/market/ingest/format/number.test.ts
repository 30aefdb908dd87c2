import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainNumber } from '../../../../src/market/ingest/format/number.ts';
import fc from '../../../fast-check.ts';

const PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

test('a number as files write it is the one that JavaScript reads; any other text is none', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'0123456789..+-eExX, '), maxLength: 20 });
  const values = fc.double({ noNaN: true }).map(String);
  const prices = fc.tuple(fc.nat(), fc.nat()).map(([whole, rest]) => `${whole}.${rest}`);
  const check = (text: string) =>
    assert.ok(Object.is(plainNumber(text), PATTERN.test(text) ? Number(text) : Number.NaN), JSON.stringify(text));
  fc.assert(fc.property(fc.oneof(letters, values, prices), check), { numRuns: 2000 });
  for (const text of ['', '.', '1.', '.5', '0x10', 'Infinity', ' 1', '1 ', '1.2.3', '9007199254740993', '0.1', '00.10'])
    check(text);
});
