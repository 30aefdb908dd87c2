import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { childrenOf, commandOf, isAlive, needsProc } from '../../../src/lab/processes.ts';
import { until } from '../../../src/lab/until.ts';

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

test('an honest strategy is read without being run', async () => {
  const compiled = await compile(GOOD);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const { code, ...rest } = compiled;
  assert.match(code, /require\("ralph\/strategy"\)/);
  assert.deepEqual(rest, {
    ok: true,
    config: { strategy: 'trend.ts', symbols: ['BTCUSD'], params: { fast: 10 }, sweep: {} },
    family: 'trend-test',
    hypothesis: 'closes above a level rise; refuted if train Sharpe < 0.5',
    timeframe: '1h',
    seasonal: false,
    universe: false,
    defaults: { fast: 10, level: -2.5 },
    axes: {},
    numbers: [10, 2.5, 1],
  });
});

// [what, source, stage, expected problem]
const MANY = /numbers in the file; the limit is 40/;
/** Two constants of 250 letters each. */
const TWICE = (write: (letters: string) => string) =>
  ['UD', 'DU'].map((pair) => `const table${pair} = ${write(pair.repeat(125))};\n`).join('');
const REFUSED: [string, string, 'policy' | 'types' | 'syntax', RegExp][] = [
  [
    'a file of the project',
    `import { x } from '../src/base/hash.ts';\n${GOOD}`,
    'policy',
    /^1:1: import from '\.\.\/src\/base\/hash\.ts' is refused/,
  ],
  ['a module of Node', `import fs from 'node:fs';\n${GOOD}`, 'policy', /'node:fs' is refused/],
  ['a module for its effects', `import 'node:fs';\n${GOOD}`, 'policy', /'node:fs' is refused/],
  ['types of another module', `import type { A } from 'node:fs';\n${GOOD}`, 'policy', /'node:fs' is refused/],
  ['import() of a type', `${GOOD}type A = import('node:fs').Stats;\n`, 'policy', /'node:fs' is refused/],
  [
    'a deeper path of the API',
    `import { valuesOf } from 'ralph/strategy/series.ts';\n${GOOD}`,
    'policy',
    /'ralph\/strategy\/series\.ts' is refused/,
  ],
  ['an export from elsewhere', `${GOOD}export * from 'node:fs';\n`, 'policy', /'node:fs' is refused/],
  ['import = require', `${GOOD}import fs = require('node:fs');\n`, 'policy', /'node:fs' is refused/],
  ['import()', `${GOOD}const m = import('node:fs');\n`, 'policy', /13:11: import\(\) is refused/],
  ['import.meta', `${GOOD}const u = import.meta;\n`, 'policy', /import\.meta/],
  ['require', `${GOOD}const m = require('node:fs');\n`, 'policy', /require/],
  ['eval', `${GOOD}const m = eval('1');\n`, 'policy', /eval: code from text/],
  ['Function', `${GOOD}const m = new Function('return 1');\n`, 'policy', /Function: code from text/],
  ['globalThis', `${GOOD}const m = globalThis;\n`, 'policy', /globalThis/],
  ['async functions', GOOD.replace('decide(now', 'async decide(now'), 'policy', /9:3: a strategy is synchronous/],
  ['await at the top', `${GOOD}await 1;\n`, 'policy', /synchronous/],
  ['a switched-off type check', `// @ts-nocheck\n${GOOD}`, 'policy', /1:4: "@ts-nocheck" is refused/],
  ['a silenced line', `${GOOD}// @ts-ignore\nconst a: string = 1;\n`, 'policy', /@ts-ignore/],
  ['a reference to a file', `/// <reference path="/etc/passwd" />\n${GOOD}`, 'policy', /reference/],
  [
    'a declared module',
    `${GOOD}declare module 'ralph/strategy' { export const x: number; }\n`,
    'policy',
    /modules and namespaces/,
  ],
  ['declared globals', `${GOOD}declare global { var process: any; }\n`, 'policy', /modules and namespaces/],
  ['decorators', `${GOOD}class A { @dec m() {} }\n`, 'policy', /decorators/],
  [
    'a computed family',
    GOOD.replace("'trend-test'", "['a', 'b'].join('-')"),
    'policy',
    /family: expected a plain string/,
  ],
  ['a family that is no name', GOOD.replace("'trend-test'", "'Trend Test'"), 'policy', /family: expected kebab case/],
  [
    'a template as hypothesis',
    GOOD.replace("'closes above a level rise; refuted if train Sharpe < 0.5'", '`h ${' + '1}`'),
    'policy',
    /hypothesis: expected a plain/,
  ],
  [
    'a computed parameter',
    GOOD.replace('fast: 10', 'fast: 5 * 2'),
    'policy',
    /params\.fast: expected a name .* plain number/,
  ],
  ['a parameter that is text', GOOD.replace('fast: 10', "fast: '10'"), 'types', /Type 'string' is not assignable/],
  ['a computed key', GOOD.replace("family: 'trend-test'", "['family']: 'trend-test'"), 'policy', /something computed/],
  [
    'a getter',
    GOOD.replace("family: 'trend-test'", "get family() { return 'a'; }"),
    'policy',
    /as a plain property, got family/,
  ],
  [
    'a spread',
    GOOD.replace("family: 'trend-test',", "family: 'trend-test', ...{ timeframe: '1m' as const },"),
    'policy',
    /something computed/,
  ],
  [
    'a defineStrategy of its own',
    `const defineStrategy = (x: any) => ({ ...x, timeframe: '1m' });\n${GOOD.split('\n').slice(1).join('\n')}`,
    'policy',
    /imported from 'ralph\/strategy'/,
  ],
  ['two exports by default', `${GOOD}export default 1;\n`, 'types', /default/],
  [
    'no export by default',
    GOOD.replace('export default', 'const s ='),
    'policy',
    /expected `export default defineStrategy/,
  ],
  ['an unknown timeframe', GOOD.replace("'1h'", "'2h'"), 'types', /"2h"/],
  [
    'a misspelt order',
    GOOD.replace('now.target(1)', 'now.tarket(1)'),
    'types',
    /^10:34: Property 'tarket' does not exist .*'target'\?/,
  ],
  ['the process', GOOD.replace('now.target(1)', 'process.exit()'), 'types', /Cannot find name 'process'/],
  ['the console', GOOD.replace('now.target(1)', 'console.log(1)'), 'types', /Cannot find name 'console'/],
  ['timers', GOOD.replace('now.target(1)', 'setTimeout(() => {}, 1)'), 'types', /Cannot find name 'setTimeout'/],
  ['fetch', GOOD.replace('now.target(1)', "fetch('http://127.0.0.1')"), 'types', /Cannot find name 'fetch'/],
  [
    'valuesOf',
    `import { valuesOf } from 'ralph/strategy';\n${GOOD.replace('now.target(1)', 'valuesOf(1)')}`,
    'types',
    /Cannot find name 'valuesOf'/,
  ],
  [
    'makeSeries',
    `import { makeSeries } from 'ralph/strategy';\n${GOOD.replace('now.target(1)', 'makeSeries(1)')}`,
    'types',
    /Cannot find name 'makeSeries'/,
  ],
  ['a brace too few', GOOD.replace('});', ')'), 'syntax', /\d+:\d+: /],
  [
    'a table of what has been',
    `${GOOD}const table = [2013, 1388534400000, ${Array(40).fill('-1, 1').join(', ')}];\n`,
    'policy',
    /86 numbers in the file; the limit is 40, .*; 2013, 1388534400000 look like dates/,
  ],
  [
    'a table in long numbers',
    `${GOOD}const table = [${Array(15).fill('35184372088831').join(', ')}];\n`,
    'policy',
    MANY,
  ],
  ['a table in one long integer', `${GOOD}const table = ${'123456789'.repeat(26)}n;\n`, 'policy', MANY],
  ['a table in a text', `${GOOD}${TWICE((rest) => `'${rest}'`)}`, 'policy', MANY],
  ['a table in a pattern', `${GOOD}${TWICE((rest) => `/${rest}/.source`)}`, 'policy', MANY],
  ['a list of short texts', `${GOOD}const table = [${`'u', 'd', `.repeat(24)}];\n`, 'policy', MANY],
  ['a list of true and false', `${GOOD}const table = [${'true, false, '.repeat(24)}];\n`, 'policy', MANY],
  [
    'a table in names of functions',
    `${GOOD}const table = Object.keys({ ${Array.from({ length: 70 }, (_, i) => `k${i}_0110100111010011101() {}`).join(',\n')} });\n`,
    'policy',
    MANY,
  ],
  [
    'a table in short texts, each once',
    `${GOOD}${Array.from({ length: 130 }, (_, i) => `const ${'abcdefghijklm'[i % 13]}${i} = '${String(i).padStart(3, 'x')}pqrst';`).join('\n')}\n`,
    'policy',
    MANY,
  ],
  ['a list of names', `${GOOD}const [u, d] = [1, 0];\nconst table = [${'u, d, '.repeat(24)}];\n`, 'policy', MANY],
  [
    'names under names',
    `${GOOD}const u = true;\nconst table = { ${Array.from({ length: 48 }, (_, i) => `k${i}: u`).join(', ')} };\n`,
    'policy',
    MANY,
  ],
  ['a row of arguments', `${GOOD}const u = 1;\nconst table = Math.max(${'u, '.repeat(45)});\n`, 'policy', MANY],
  ['a file of 100 KB', `${GOOD}${'// padding\n'.repeat(10_000)}`, 'policy', /bytes; the limit is 32768/],
  ['a line of 1000 characters', `${GOOD}// ${'x'.repeat(1000)}\n`, 'policy', /13:1: the line is longer than 500/],
];

for (const [what, source, stage, expected] of REFUSED) {
  test(`refused before it runs: ${what}`, async () => {
    const answer = await compile(source);
    assert.ok(!answer.ok, 'accepted');
    assert.match(answer.problems.join('\n'), expected);
    assert.equal(answer.stage, stage);
    assert.ok(answer.problems.length <= 8 && answer.problems.every((problem) => problem.length < 700));
  });
}

test('words inside texts, comments and property names are not refused', async () => {
  const source = GOOD.replace(
    'if (now',
    "const names = { require: 'import() eval Function', eval: 1 }; // globalThis\n    if (names.eval && now",
  );
  const answer = await compile(source);
  assert.ok(answer.ok, JSON.stringify(answer));
});

test('parameters of the YAML must exist in the strategy; the nearest is named', async () => {
  const answer = await compile(
    GOOD,
    'strategy: trend.ts\nsymbols: [BTCUSD]\nparams: { fest: 1 }\nsweep: { zzz: [1] }\n',
  );
  assert.ok(!answer.ok && answer.stage === 'policy');
  assert.deepEqual(answer.problems, [
    'YAML: params.fest: the strategy has no such parameter (did you mean "fast"?)',
    'YAML: sweep.zzz: the strategy has no such parameter (it has fast, level)',
  ]);
});

test('the YAML must name its own strategy file', async () => {
  const answer = await compile(GOOD, YAML.replace('trend.ts', 'other.ts'));
  assert.ok(!answer.ok && /expected trend\.ts, got other\.ts/.test(answer.problems[0]));
});

test('types that take for ever to check end as a refusal, and the next candidate is checked as usual', async () => {
  const endless = `type Grow<N extends number, A extends unknown[] = []> = A['length'] extends N ? A : Grow<N, [...A, ...A, 0]>;\nconst n: Grow<999983> = 1;\n${GOOD}`;
  const answer = await compile(endless);
  assert.ok(!answer.ok);
  assert.ok((await compile(GOOD)).ok);
});

test('a compiler that was killed is replaced, and no candidate pays for it', needsProc, async () => {
  assert.ok((await compile(GOOD)).ok);
  const compilers = () => childrenOf(process.pid).filter((pid) => isAlive(pid) && commandOf(pid).includes('--api'));
  const [first] = compilers();
  process.kill(first, 'SIGKILL');
  assert.ok((await compile(GOOD.replace('-2.5', '-3'))).ok);
  const second = compilers().find((pid) => pid !== first);
  assert.ok(second, 'another one was started');
  process.kill(second, 'SIGKILL');
  // This time its end is known before the next candidate comes.
  await until('the killed compiler is gone', () => !childrenOf(process.pid).includes(second));
  assert.ok((await compile(GOOD.replace('-2.5', '-4'))).ok);
});

test('compilers that Ctrl-C has ended are started again: no candidate is blamed for it', needsProc, async () => {
  assert.equal((await compile(GOOD)).ok, true);
  const children = childrenOf(process.pid).filter(isAlive);
  assert.ok(children.length >= 2);
  // esbuild ends by it; the type checker may live on, and either is well
  const bundler = children.find((child) => commandOf(child).includes('esbuild'));
  assert.ok(bundler);
  for (const child of children) process.kill(child, 'SIGINT');
  await until('the bundler has ended', () => !isAlive(bundler));
  const again = await compile(GOOD);
  assert.equal(again.ok, true, JSON.stringify(again));
});
