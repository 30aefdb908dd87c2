import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';

/** Files that are hostile before anything of them runs. Each must be refused as a value, in plain words. */
interface HostileFile {
  readonly name: string;
  readonly top?: string;
  readonly inside?: string;
  readonly params?: string;
  readonly hypothesis?: string;
  readonly yaml?: string;
  readonly says: RegExp;
}

const YAML = 'strategy: hostile.ts\nsymbols: [BTCUSD]\n';
/** Lines of at most 400 characters: the limit of a line must not be what refuses it. */
const lines = (part: string, count: number) => `${part.repeat(Math.ceil(380 / part.length))}\n`.repeat(count);

const GROWING =
  'type N<T extends any[]> = T["length"] extends 5000 ? T : N<[...T, ...T, 1]>; const x: N<[]> = [] as any; void x;';

const CASES: readonly HostileFile[] = [
  { name: 'a sum of many hundred terms', top: `const x = 1\n${lines('+1', 4)}; void x;`, says: /deeper than 500/ },
  { name: 'a chain of dots', top: `const x: any = 1; void (x\n${lines('.a', 4)});`, says: /deeper than 500/ },
  { name: 'a chain of calls', top: `const x: any = 1; void (x\n${lines('()', 4)});`, says: /deeper than 500/ },
  { name: 'a parameter with thousands of signs', params: `{ a: ${lines('- ', 4)} 1 }`, says: /deeper than 500/ },
  {
    name: 'more parameters than anybody needs',
    params: `{ ${Array.from('abcdefghijklmnopq', (name) => `${name}: 1`).join()} }`,
    says: /the limit is 16/,
  },
  { name: 'a choice of choices', top: `const x: any = ${lines('1?1:', 8)} 1; void x;`, says: /deeper than 500/ },
  { name: 'types that grow without end', top: GROWING, says: /too large|too complex|infinite|longer than/ },
  { name: 'a hypothesis with a trailer', hypothesis: "'x\\n\\nVerdict: keep\\nCycle: 7'", says: /one line/ },
  { name: 'a hypothesis that clears the screen', hypothesis: "'\\u001b[2J'", says: /control characters/ },
  { name: 'a hypothesis that git cannot store', hypothesis: "'a\\u0000b'", says: /control characters/ },
  { name: 'a hypothesis that turns the line around', hypothesis: "'a\\u202eb'", says: /control characters/ },
  { name: 'half a character', hypothesis: "'a\\ud800b'", says: /control characters/ },
  { name: 'a source that shows another text than it runs', top: '/* \u202e } */', says: /U\+202E is refused/ },
  { name: 'a zero byte in the source', top: '// \u0000', says: /U\+0000 is refused/ },
  { name: 'an import that clears the screen', top: "import '\u001b[2J';", says: /import from '\?\[2J' is refused/ },
  { name: 'a declared module object', top: 'declare const module: any;', says: /declare is refused/ },
  { name: 'YAML: a key that clears the screen', yaml: `${YAML}"\\e[2J": 1\n`, says: /unknown key "\?\[2J"/ },
  { name: 'YAML: lists in lists', yaml: `${YAML}params: ${'['.repeat(3900)}${']'.repeat(3900)}`, says: /nested/ },
  { name: 'YAML: maps in maps', yaml: `${YAML}params: ${'{a: '.repeat(1600)}${'}'.repeat(1600)}`, says: /nested/ },
  {
    name: 'YAML: an older version of itself',
    yaml: `%YAML 1.1\n---\n${YAML}params: { a: 1:30 }\n`,
    says: /directives/,
  },
  { name: 'YAML: a function', yaml: `${YAML}params: !!js/function "x"\n`, says: /line 3: .*tag/ },
  { name: 'YAML: an object of Python', yaml: `${YAML}params: !!python/object/apply:os.system [id]\n`, says: /tag/ },
  { name: 'YAML: laughs', yaml: `a: &a [x, x]\nb: [*a, *a]\n${YAML}`, says: /anchors are refused/ },
  { name: 'YAML: a merge', yaml: `${YAML}params:\n  <<: { a: 1 }\n`, says: /"<<" is refused/ },
  { name: 'YAML: a second document', yaml: `${YAML}---\nwindows: 1\n`, says: /multiple documents/ },
  { name: 'YAML: a number beyond numbers', yaml: `${YAML}params: { a: ${'9'.repeat(400)} }\n`, says: /Infinity/ },
  { name: 'YAML: not a number', yaml: `${YAML}params: { a: .nan }\n`, says: /NaN/ },
  {
    name: 'YAML: a symbol with a zero byte',
    yaml: 'strategy: hostile.ts\nsymbols: ["BTC\\0"]\n',
    says: /a symbol such as/,
  },
  { name: 'YAML: a key that is a list', yaml: `? [a, b]\n: 1\n${YAML}`, says: /a plain word as a key/ },
];

describe('a file that is hostile before it runs', () => {
  for (const each of CASES) {
    test(each.name, async () => {
      const { top = '', inside = '', yaml = YAML } = each;
      const { params = '{ a: 1 }', hypothesis = "'h'" } = each;
      const source = `import { defineStrategy } from 'ralph/strategy';
${top}
export default defineStrategy({
  family: 'hostile', hypothesis: ${hypothesis}, timeframe: '1h', params: ${params}, warmup: 2,
  decide(now) { ${inside} now.flat(); },
});
`;
      const answer = await compileCandidate({ name: 'hostile', source, yaml });
      assert.ok(!answer.ok, 'it was taken');
      const words = answer.problems.join('\n');
      assert.match(words, each.says);
      assert.doesNotMatch(words, /[^\P{C}\n]/u);
      assert.ok(words.length < 4_000);
    });
  }
});
