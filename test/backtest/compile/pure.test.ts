import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../src/backtest/compile/checker.ts';
import { hasPureCustoms } from '../../../src/backtest/compile/pure/pure.ts';
import { leakSource } from '../box/leaks/case.ts';
import { CAUGHT } from '../box/leaks/caught.ts';

const source = (
  indicators: string,
  { top = '', imports = 'defineStrategy, ema, map, rolling, scan' } = {},
) => `import { ${imports} } from 'ralph/strategy';
${top}
export default defineStrategy({
  family: 'a', hypothesis: 'h', timeframe: '1h', params: { n: 20, share: 0.1 }, warmup: 5,
  indicators: ({ close, high }, p) => { ${indicators} },
  decide(now) { now.flat(); },
});
`;
const judge = async (text: string) => hasPureCustoms((await check(text)).file);

const PURE: Readonly<Record<string, string>> = {
  'an average': source('return { v: scan(0, (s, x) => p.share * x + (1 - p.share) * s)(close) };'),
  'constants of the file and of indicators': source(
    'const a = 2 / (p.n + A); return { v: scan(0, (s, x) => s + a * (x - s))(close) };',
    {
      top: 'const A = 1;',
    },
  ),
  'a record of numbers': source(
    'return { v: scan({ up: 0, down: 0 }, (s, x) => ({ ...s, up: s.up * 0.9 + Math.max(0, x) }), (s) => s.up - s.down)(close) };',
  ),
  'windows, loops and variables': source(
    'return { v: rolling(p.n, (w) => { let sum = 0; for (const x of w) sum += x; for (let i = 1; i < w.length; i++) if (w[i] > w[i - 1]) sum -= 1; return sum / w.length; })(close) };',
  ),
  'a sorted copy': source('return { v: rolling(9, (w) => [...w].sort((a, b) => a - b)[4])(close) };'),
  'methods of arrays': source(
    'return { v: rolling(9, (w) => w.filter((x) => x > w[0]).map((x) => x * 2).reduce((a, b) => a + b, 0))(close) };',
  ),
  'a parameter called like a series': source('return { v: scan(0, (s, close) => s + close)(close) };'),
  'numbers of the language': source(
    'return { v: map((x) => (Number.isFinite(x) ? x * Math.PI : Number.NaN))(close) };',
  ),
  'a constant of indicators without parameters': source('const A = 2; return { v: map((x) => x * A)(close) };').replace(
    '}, p)',
    '})',
  ),
  'two series': source('return { v: map((a, b) => a / b)(close, high) };'),
};
for (const [what, text] of Object.entries(PURE))
  test(`pure: ${what}`, async () => assert.equal(await judge(text), true));

const IMPURE: Readonly<Record<string, string>> = {
  'a variable of its own indicators': source('let seen = 0; return { v: map((x) => { seen = x; return x; })(close) };'),
  'a variable that others change': source('let k = 0; k += 1; return { v: map((x) => x * k)(close) };'),
  'a list that is filled': source('const all: number[] = []; return { v: map((x) => all.push(x))(close) };'),
  'a helper': source('return { v: map((x) => f(x))(close) };', { top: 'function f(x: number) { return x; }' }),
  'an object whose value is worked out': source(
    'const k: any = { valueOf: () => 1 }; return { v: map((x) => x + k)(close) };',
  ),
  'a getter': source('const q = { get x() { return 1; } }; return { v: map((x) => x + q.x)(close) };'),
  'other parameters by the same name': source('return { v: f(close, p) };', {
    top: 'const f = (c: any, p: any) => map((x) => x + p.n)(c);',
  }),
  'parameters that are replaced': source('p = { n: 1 } as any; return { v: map((x) => x + p.n)(close) };'),
  'a start that can be filled': source(
    'return { v: scan([] as number[], (s, x) => [...s, x], (s) => s.length)(close) };',
  ),
  'a record with a list': source(
    'return { v: scan({ all: [] as number[] }, (s, x) => ({ all: [...s.all, x] }), (s) => s.all.length)(close) };',
  ),
  'a change of what is held': source(
    'return { v: scan({ n: 0 }, (s, x) => { s.n = x; return s; }, (s) => s.n)(close) };',
  ),
  chance: source('return { v: map((x) => x * Math.random())(close) };'),
  'Math of its own': source(
    'const Math: any = { abs: (x: number) => x }; return { v: map((x) => Math.abs(x))(close) };',
  ),
  'another name': source('return { v: s(0, (a, x) => a + x)(close) };', { imports: 'defineStrategy, scan as s' }),
  'all names': source('return { v: r.scan(0, (a: number, x: number) => a + x)(close) };', {
    imports: 'defineStrategy',
  }).replace('import', "import * as r from 'ralph/strategy'; import"),
  'a name that is handed on': source('const s = scan; return { v: s(0, (a, x) => a + x)(close) };'),
  'a callback that is not written there': source('const f = (x: number) => x; return { v: map(f)(close) };'),
  'a function with this': source('return { v: map(function (this: any, x: number) { return x; })(close) };'),
  'a callback inside a callback': source(
    'return { v: map((x) => { const g = (y: number) => y; return g(x); })(close) };',
  ),
  'the file itself': source('void (module as any); return { v: map((x) => x + p.n)(close) };'),
  'a constructor': source('return { v: map((x) => new Date(x).getTime())(close) };'),
  'Math that is replaced': source(
    'let n = 0; Math = { ...Math, abs: (x: number) => x + n++ } as any; return { v: map((x) => Math.abs(x))(close) };',
  ),
  'Math that is replaced in a pattern': source(
    'let n = 0; [Math] = [{ abs: (x: number) => x + n++ } as any]; return { v: map((x) => Math.abs(x))(close) };',
  ),
  'NaN that is another name of an object': source('return { v: map((x) => x + NaN)(close) };', {
    top: 'enum E { a } let n = 0; (E as any).valueOf = () => n++; import NaN = E;',
  }),
  'a member of an enum called like a constant': source('return { v: kept[0](close) };', {
    top: `const A = 1; const kept: any[] = []; const keep = (made: any) => kept.push(made);
enum E { A = Math.max(1, 2), B = keep(map((x) => x + A)) }`,
  }),
  'all names by an assignment': source('return { v: r.scan(0, (a: number, x: number) => a + x)(close) };').replace(
    'import',
    "import r = require('ralph/strategy'); import",
  ),
  'all names by a default': source('return { v: r.scan(0, (a: number, x: number) => a + x)(close) };').replace(
    'import {',
    'import r, {',
  ),
  'parameters that are replaced by a default': source('return { v: map((x) => x + p.n)(close) };').replace(
    '}, p)',
    '}, p, q = (p = { get n() { return 1; } } as any))',
  ),
  'parameters that are replaced by a default before them': source(
    'change(); return { v: map((x) => x + p.n)(close) };',
  ).replace('}, p)', ', change = () => { p = { get n() { return 1; } } as any; } }: any, p)'),
  'a function that is made and filled': source(
    'return { v: map((x) => [x].map([].fill as any, held as any).length + (held as any)[0])(close) };',
    { top: 'const held = Number.bind(0);' },
  ),
  'a function out of a list': source('return { v: map((x) => [x].map([x].push as any, [x]).length)(close) };'),
  'a function by a key that is worked out': source(
    'return { v: map((x) => [x].map(([] as any)[((false as any) + ([] as any))[0] + x], [x]).length)(close) };',
  ),
  'code from text': source('return { v: map((x) => [x].map(Number.constructor(x) as any).length)(close) };'),
  'a function that an addition calls': source('return { v: map((x) => ({ valueOf: [x].pop }) as any + x)(close) };'),
  'a constant of indicators, outside them': source('const Date = 1; return { v: f(close) };', {
    top: 'const f = (c: any) => map((x) => x + (Date as any).length)(c);',
  }),
  'one of two': source('let k = 0; return { a: map((x) => x)(close), b: map((x) => (k += x))(close) };'),
};
for (const [what, text] of Object.entries(IMPURE))
  test(`not pure: ${what}`, async () => assert.equal(await judge(text), false));

test('no candidate that looks ahead by a custom indicator is taken for pure', async () => {
  const customs = CAUGHT.map((leak) => leakSource(leak).replaceAll(/^ *void .*$/gm, '')).filter((text) =>
    /\b(?:scan|rolling|map)\(/.test(text.replaceAll(/\.map\(/g, '')),
  );
  assert.ok(customs.length > 5, `${customs.length} leaks use custom indicators`);
  for (const text of customs) assert.equal(await judge(text), false, text);
});
