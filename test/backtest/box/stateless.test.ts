import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../../src/backtest/compile/checker.ts';
import { isStateless } from '../../../src/backtest/compile/stateless.ts';

const strategy = (
  top: string,
  decide = 'decide(now) { now.flat(); }',
) => `import { defineStrategy, ema } from 'ralph/strategy';
${top}
export default defineStrategy({ family: 'a', hypothesis: 'h', timeframe: '1h', params: { a: 1, b: -2 }, warmup: 5, ${decide} });
`;
const judge = async (source: string) => isStateless((await check(source)).file);

const STATELESS: Record<string, string> = {
  'nothing but the strategy': strategy(''),
  'constants that are literals': strategy("const A = 1; const B = -2.5; export const C = 'x'; const D = true;"),
  types: strategy('type A = { b: number }; interface B { c: string }'),
  'helpers that are called': strategy(
    'function f(x: number) { return x; } const g = (x: number) => f(x) + 1;',
    'decide(now) { if (g(now.close) > 1) now.flat(); }',
  ),
  'decide by its name': strategy('function decide(now: any) { now.flat(); }', 'decide'),
  'state inside of a call': strategy('', 'decide(now) { const seen = [now.close]; seen.push(1); now.flat(); }'),
};
for (const [what, source] of Object.entries(STATELESS)) {
  test(`keeps nothing: ${what}`, async () => assert.equal(await judge(source), true));
}

const STATEFUL: Record<string, string> = {
  'a variable': strategy('let n = 0;'),
  'an array': strategy('const seen: number[] = [];'),
  'an object': strategy('const memo: any = {};'),
  'a map': strategy('const memo = new Map();'),
  'a regular expression': strategy('const r = /a/g;'),
  'a class': strategy('class A { static seen = []; }'),
  'a statement': strategy('if (1) { }'),
  'a pattern': strategy('const [a] = [[]];'),
  'a helper with properties': strategy('function f() { return 0; }', 'decide(now) { (f as any).seen = now.close; }'),
  'a helper handed on': strategy('const f = () => 0;', 'decide(now) { const g: any = f; g.seen = now.close; }'),
  'a helper in an object': strategy(
    'const f = () => 0;',
    'decide(now) { const g: any = { f }; g.f.seen = now.close; }',
  ),
  'a helper in an object of another object': strategy(
    'function f() { return 0; }',
    'decide(now) { const g: any = { a: [{ f }] }; g.a[0].f.seen = now.close; }',
  ),
  'a helper assigned by a pattern': strategy(
    'function f() { return {}; }',
    'decide(now) { ({ f } = { f: now as any } as any); }',
  ),
  'a generator, whose prototype stays': strategy(
    'function* f() { yield 1; }',
    'decide(now) { const kept: any = Object.getPrototypeOf(f()); kept.seen = now.close; }',
  ),
  'a generator in a constant': strategy(
    'const f = function* () { yield 1; };',
    'decide(now) { const kept: any = Object.getPrototypeOf(f()); kept.seen = now.close; }',
  ),
  'a helper that knows itself': strategy('const f = function g(): any { (g as any).n = 1; };'),
  'a closure made at once': strategy(
    '',
    'decide: (() => { const seen: number[] = []; return (now: any) => { seen.push(now.close); }; })()',
  ),
  'a property that is called': strategy('const make = () => () => {};', 'decide: make()'),
  'parameters that are an array': strategy('').replace('params: { a: 1, b: -2 }', 'params: { a: [1] as any }'),
};
for (const [what, source] of Object.entries(STATEFUL)) {
  test(`may keep something: ${what}`, async () => assert.equal(await judge(source), false));
}

test('the library keeps nothing', async () => {
  const folder = join(import.meta.dirname, '../../../strategies/library');
  const keeping: string[] = [];
  for (const path of globSync(join(folder, '*.ts')).sort()) {
    if (!(await judge(readFileSync(path, 'utf8')))) keeping.push(path);
  }
  assert.deepEqual(keeping, []);
});
