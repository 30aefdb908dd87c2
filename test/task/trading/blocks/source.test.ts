import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRanges } from '../../../../src/task/trading/blocks/ranges.ts';
import { completeSource, decideIn } from '../../../../src/task/trading/blocks/source.ts';

test('the import line names what the code calls, not what a comment or a text mentions', () => {
  const written = `import { ma } from 'talib';
// like rsi(close, 14)
defineStrategy({ family: 'x', hypothesis: 'sma(close, 5) leads', indicators: ({ close }) => ({ fast: ema(close, 5) }) });`;
  const [line, blank] = completeSource(written, { family: 'trend', hypothesis: 'sma(close, 5) leads' }).split('\n');
  assert.equal(line, "import { defineStrategy, ema } from 'ralph/strategy';");
  assert.equal(blank, '');
});

test('series that the model forgot stand where they must, and nothing else changes', () => {
  const written = `export default defineStrategy({ warmup: 200, family: 'x', hypothesis: 'y',
  indicators: ({ close }, p) => ({
    fair: vwap(high, low, close, p.period),
    range: atr(close, 14),
    mean: sma(close, 5),
    odd: atr(close, 14, 2),
  }),
  decide(now) { if (now.volume > now.open) now.exit(1); },
});`;
  const source = completeSource(written, { family: 'x', hypothesis: 'y' });
  assert.match(source, /fair: vwap\(high, low, close, volume, p\.period\)/);
  assert.match(source, /range: atr\(high, low, close, 14\)/);
  assert.match(source, /mean: sma\(close, 5\)/);
  assert.match(source, /odd: atr\(close, 14, 2\)/);
  assert.match(source, /indicators: \(\{ close, high, low, volume \}, p\)/);
  assert.match(source, /now\.flat\(\)/);
});

test('the body of decide is taken whole, or not at all', () => {
  assert.equal(
    decideIn('x, decide(now, p) { if (now.a) { now.flat(); } }, y'),
    'decide(now, p) { if (now.a) { now.flat(); } }',
  );
  assert.equal(decideIn('decide: (now) => { now.flat(); }'), 'decide: (now) => { now.flat(); }');
  assert.equal(decideIn('decide(now, p) { if (now.a) {'), null);
});

test('numbers of params become ranges, as the harness tunes them: eight of them, no switch, and none where the model wrote ranges', () => {
  const written = (params: string) =>
    completeSource(withRanges(`defineStrategy({ params: { ${params} }, decide() {} });`), {
      family: 'x',
      hypothesis: 'y',
    });
  const source = written('fast: 10, width: 1.5, flip: 0, one: 1');
  assert.match(source, /params: \{ fast: range\(5, 20\), width: range\(0\.75, 3\), flip: 0, one: range\(1, 2\) \}/);
  assert.match(source, /^import \{ defineStrategy, range \}/);
  assert.match(written('fast: range(5, 40), slow: 30'), /slow: 30 \}/);
  const nine = Array.from({ length: 9 }, (_, k) => `p${k}: 5`).join(', ');
  assert.match(written(nine), /p7: range\(3, 10\), p8: 5 \}/);
});
