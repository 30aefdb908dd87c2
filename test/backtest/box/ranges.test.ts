import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';

const YAML = 'strategy: trend.ts\nsymbols: [BTCUSD]\nparams: { fast: 10 }\n';
const GOOD = `import { defineStrategy } from 'ralph/strategy';

export default defineStrategy({
  family: 'trend-test',
  hypothesis: 'closes above a level rise; refuted if train Sharpe < 0.5',
  timeframe: '1h',
  params: { fast: 10, level: -2.5 },
  warmup: (p) => p.fast,
  decide(now, p) {
    if (now.close > p.level) now.target(1);
  },
});
`;

const compile = (source: string, yaml = YAML) => compileCandidate({ name: 'trend', source, yaml });

test('ranges, choices and where are read without being run, and a range is one number', async () => {
  const ranges =
    'fast: range(5, 40), slow: range(30, 200, { log: true }), width: range(1, 4, { step: .25 }), mode: choice(0, 1, 2), k: 3';
  const where = 'where: (p) => p.fast < p.slow,\n  warmup: (p) => p.fast,';
  const tunable = GOOD.replace('{ defineStrategy }', '{ choice, defineStrategy, range }');
  const source = tunable
    .replace('fast: 10, level: -2.5', `${ranges}, level: 2`)
    .replace('warmup: (p) => p.fast,', where);
  const compiled = await compile(source);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  assert.deepEqual(compiled.defaults, { fast: 23, slow: 77, width: 2.5, mode: 0, k: 3, level: 2 });
  assert.deepEqual(Object.keys(compiled.axes), ['fast', 'slow', 'width', 'mode']);
  assert.deepEqual(compiled.axes.slow, { kind: 'range', from: 30, to: 200, step: 1, log: true });
  // 5 numbers of a plain file, 3 ranges as one each, 3 of the choice: 30 more are too many only because the choices are counted.
  const many = Array.from({ length: 29 }, (_, i) => `${i + 100}`).join(' + ');
  const inside = (sum: string) => source.replace('now.target(1)', `now.target(${sum})`);
  assert.ok((await compile(inside(many))).ok);
  const table = await compile(inside(`${many} + 1 + 1 + 1 + 1`));
  assert.ok(!table.ok && /numbers in the file/.test(table.problems[0]), JSON.stringify(table));
  // [params, problem]
  for (const [params, problem] of [
    ['fast: range(40, 5)', /range\(40, 5\): expected the smaller end first: write range\(5, 40\)/],
    ['fast: range(5, 5)', /has one value: write 5/],
    ['fast: range(NaN, 5)', /range: expected plain numbers/],
    ['fast: range(5, 1 / 0)', /range: expected plain numbers/],
    ['fast: range(5, 40, { step: 99 })', /expected a step above 0 and at most 35/],
    ['fast: range(0, 40, { log: true })', /log needs ends above 0/],
    ['fast: choice(1)', /expected at least 2 values/],
    ['fast: choice(1, 1)', /expected each value once/],
    [
      Array.from({ length: 9 }, (_, i) => `fast${i || ''}: range(1, 9)`).join(', '),
      /9 ranges and choices; the limit is 8/,
    ],
    [
      Array.from({ length: 40 }, (_, i) => `${i ? `p${i}` : 'fast'}:\nrange(1, 9)`).join(', '),
      /4\d numbers in the file; the limit is 40/,
    ],
  ] as const) {
    const refused = await compile(
      source.replace(/params: \{.*\}/, `params: { ${params}, level: 2 }`).replace('p.fast < p.slow', 'true'),
    );
    assert.ok(!refused.ok && problem.test(refused.problems.join()), `${params}: ${JSON.stringify(refused)}`);
  }
  const idle = await compile(GOOD.replace('warmup', 'where: (p) => p.fast > 1,\n  warmup'));
  assert.ok(!idle.ok && /where: expected only beside a range/.test(idle.problems.join()));
  const own = await compile(
    `const range = (a: number, b: number, _options?: object) => a * b;\n${source.replace(', range', '')}`,
  );
  assert.ok(!own.ok && /range: expected the one imported/.test(own.problems.join()), JSON.stringify(own));
});

test('numbers are hidden from the count neither behind a sign nor in a range of their own', async () => {
  const numbers = Array.from({ length: 45 }, (_, i) => i + 100);
  const own = `const range = (...all: number[]) => all.length;\nconst table = { params: { x: range(${numbers.join(',\n')}) } };\n`;
  const negative = numbers.map((n) => `x${n}: range(-${n}, ${n})`).join(',\n');
  for (const source of [
    GOOD.replace('export default', `${own}export default`).replace('target(1)', 'target(table.params.x)'),
    GOOD.replace('{ defineStrategy }', '{ defineStrategy, range }')
      .replace('export default', `const table = { params: { ${negative} } };\nexport default`)
      .replace('target(1)', 'target(table.params.x100)'),
    GOOD.replace('{ defineStrategy }', '{ defineStrategy, range }').replace('level: -2.5', `level: -2.5, ${negative}`),
  ]) {
    const refused = await compile(source);
    assert.ok(
      !refused.ok && /numbers in the file; the limit is 40/.test(refused.problems.join()),
      JSON.stringify(refused),
    );
  }
});
