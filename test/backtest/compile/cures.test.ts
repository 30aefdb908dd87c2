import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';

/** The problems of a strategy with these indicators and this decision; line 6 is the indicator's, line 8 the decision's. */
async function problems(indicator: string, decision = 'now.flat();'): Promise<string> {
  const source = `import { defineStrategy } from 'ralph/strategy';
export default defineStrategy({
  family: 'trend-test', hypothesis: 'none', timeframe: '1h', params: {},
  warmup: 1,
  indicators: ({ close, high, low }) => ({
    x: ${indicator},
  }),
  decide(now, p) { ${decision} },
});
`;
  const compiled = await compileCandidate({ name: 'x', source, yaml: 'strategy: x.ts\nsymbols: [A]\n' });
  return compiled.ok ? '' : compiled.problems[0];
}

const CURES: [indicator: string, decision: string | undefined, cure: RegExp][] = [
  ['atr(close, 14)', undefined, /^6:8: .* -> atr takes \(high, low, close, period\); you gave 2 arguments$/],
  ['ema(10, close)', undefined, /^6:12: .* -> ema takes \(series, period\); you gave 2 arguments$/],
  ['bollinger()', undefined, /-> bollinger takes \(series, period, width = 2\); you gave 0 arguments$/],
  ['ema(sma(close), 5)', undefined, /-> sma takes \(series, period\); you gave 1 argument$/],
  ['ma(close, 10)', undefined, /-> there is no ma in ralph\/strategy; there are ema, hma, rma, sma, wma$/],
  ['ema(close, 5) - ema(close, 9)', undefined, /-> a series has no arithmetic/],
  ['ema(close, 5)', 'now.barsHeld = 3;', /^8:24: .* -> the harness sets now\.barsHeld; read it/],
  [
    'ema(close, 5)',
    'now.target(now.atr);',
    /-> indicators returns no atr: leave now\.atr out, or add atr there; it returns now\.x$/,
  ],
  ['ema(close, 5)', 'now.target(p.atr);', /-> params has no atr: leave p\.atr out; it has nothing$/],
  ['ema(close, 5)', 'now.exit(1);', /-> now has no exit\(\): enter with now\.target\(1\), leave with now\.flat\(\)$/],
  ['ema(close, 5)', 'now.target(1, { stopLoss: 3 });', /-> the options of an order are stop, target, trail/],
];

for (const [indicator, decision, cure] of CURES) {
  test(`${indicator}, ${decision ?? 'flat'}: the error names the right call`, async () => {
    assert.match(await problems(indicator, decision), cure);
  });
}

test('an error that no cure is known for keeps the compiler’s words', async () => {
  const text = await problems('ema(close, 5)', 'const a: string = 1;');
  assert.match(text, /Type 'number' is not assignable to type 'string'/);
  assert.doesNotMatch(text, /->/);
});

test('a band object may be an indicator', async () => {
  const decision = "if (now.x.upper < now.close && now.ago('x.upper', 1) > 0) now.target(1);";
  assert.equal(await problems('bollinger(close, 20, 2)', decision), '');
  assert.match(await problems('bollinger(close, 20, 2)', 'now.target(now.x.high);'), /'high' does not exist/);
  assert.match(await problems('({ a: 1 })'), /not assignable/);
});
