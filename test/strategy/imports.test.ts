import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withImports } from '../../src/strategy/imports.ts';

const BODY = `export default defineStrategy({
  indicators: ({ close, high, low }, p) => ({ fast: ema(close, 5), range: atr(high, low, close, 14) }),
});
`;
const LINE = "import { atr, defineStrategy, ema } from 'ralph/strategy';";

test('a missing import line is written, with every function that is called', () => {
  const { source, note } = withImports(BODY);
  assert.equal(source, `${LINE}\n${BODY}`);
  assert.match(note ?? '', /added as line 1/);
});

test('a wrong import line is replaced in its place, and the other lines keep their numbers', () => {
  for (const head of [
    "import { ema } from 'ralph/strategy';",
    "import { defineStrategy, ema, atr } from './indicators';",
    "import { defineStrategy, ema, ma } from 'ralph/strategy'",
    "import { defineStrategy } from 'ralph';\nimport { ema } from 'technicalindicators';\nimport { atr } from 'ralph/strategy';",
    "import {\n  ema,\n} from 'ralph/strategy';",
  ]) {
    const { source, note } = withImports(`${head}\n\n${BODY}`);
    assert.match(note ?? '', /replaced/, head);
    assert.equal(source.split('\n')[0], LINE, head);
    assert.equal(source.split('\n').length, `${head}\n\n${BODY}`.split('\n').length, head);
    assert.equal(source.match(/import/g)?.length, 1, head);
  }
});

test('any other import is left for the import policy', () => {
  for (const head of [
    "import { readFileSync } from 'node:fs';",
    "import * as fs from 'node:fs';",
    "import fs from 'node:fs';",
    "import { ema, readFileSync } from 'node:fs';",
    "import 'node:fs';",
  ])
    assert.ok(withImports(`${head}\n${BODY}`).source.includes(head), head);
});

test('a name that the file declares itself, a method and a word in a text need no import', () => {
  const own = `${LINE}\nconst sma = (x) => x;\n// rsi(close, 14) was worse\nconst text = 'macd(close)';\nnow.lag(3); sma(1);\n${BODY}`;
  assert.deepEqual(withImports(own), { source: own, note: null });
});

test('an alias and a type stay as they were written', () => {
  const { source } = withImports(`import { ema as fast, type Series } from 'ralph/strategy';\n${BODY}`);
  assert.match(source, /^import \{ Series, atr, defineStrategy, ema as fast \} from/);
});

test('the shipped strategies stand as they are', () => {
  const folder = join(import.meta.dirname, '../../strategies/library');
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.ts'))) {
    const source = readFileSync(join(folder, name), 'utf8');
    assert.deepEqual(withImports(source), { source, note: null }, name);
  }
});
