import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeSource } from '../../../../src/task/trading/blocks/source.ts';

test('the import line names what the code calls, not what a comment or a text mentions', () => {
  const written = `import { ma } from 'talib';
// like rsi(close, 14)
defineStrategy({ family: 'x', hypothesis: 'sma(close, 5) leads', indicators: ({ close }) => ({ fast: ema(close, 5) }) });`;
  const [line, blank] = completeSource(written, { family: 'trend', hypothesis: 'sma(close, 5) leads' }).split('\n');
  assert.equal(line, "import { defineStrategy, ema } from 'ralph/strategy';");
  assert.equal(blank, '');
});
