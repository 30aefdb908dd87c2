import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WHOLE_BOOK } from '../../src/backtest/market.ts';
import { parseConfig } from '../../src/base/config.ts';
import { marketConfigSchema } from '../../src/market/config.ts';

const SHIPPED = readFileSync(new URL('../../config/market.yaml', import.meta.url), 'utf8');

test('a limit of the book that is left out is that of a book without limits', () => {
  const limitsOf = (line: string) =>
    parseConfig(SHIPPED.replace(/^# limits: .*$/m, line), marketConfigSchema, 'x').limits;
  assert.equal(limitsOf(''), undefined);
  assert.deepEqual(limitsOf('limits: { gross: 2 }'), { ...WHOLE_BOOK, gross: 2 });
  assert.deepEqual(limitsOf('limits: { net: 0.2 }'), { ...WHOLE_BOOK, net: 0.2 });
  assert.deepEqual(limitsOf('limits: { gross: 3, net: 2 }'), { gross: 3, net: 2 });
});
