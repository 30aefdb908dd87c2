import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { parseConfig } from '../../src/base/config.ts';
import { RalphError } from '../../src/base/errors.ts';
import { nearest } from '../../src/base/nearest.ts';
import { readRalphConfig } from '../../src/loop/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const schema = z.strictObject({
  cash: z.number().positive(),
  sizing: z.strictObject({ mode: z.string() }),
  symbols: z.record(z.string(), z.strictObject({ takerBps: z.number() })),
  folds: z.array(z.strictObject({ from: z.string() })),
});
const good = 'cash: 1\nsizing: { mode: units }\nsymbols: { A: { takerBps: 1 } }\nfolds: [{ from: x }]\n';

function refusal(text: string): RalphError {
  try {
    parseConfig(text, schema, 'market.yaml');
  } catch (thrown) {
    assert.ok(thrown instanceof RalphError);
    return thrown;
  }
  throw new assert.AssertionError({ message: `accepted: ${text}` });
}

test('a good file comes through as it is', () => {
  assert.equal(parseConfig(good, schema, 'market.yaml').symbols.A.takerBps, 1);
});

for (const [wrong, right, at] of [
  ['chas: 1', 'cash', ''],
  ['sizing: { mdoe: units }', 'mode', 'sizing'],
  ['symbols: { A: { takersBps: 1 } }', 'takerBps', 'symbols.A'],
  ['folds: [{ form: x }]', 'from', 'folds.0'],
]) {
  test(`an unknown key is refused with the nearest known one: ${wrong}`, () => {
    const key = /(\w+): [^{]*$/.exec(wrong)?.[1] ?? '';
    const text = good
      .split('\n')
      .filter((line) => !line.startsWith(`${wrong.split(':')[0]}:`))
      .join('\n');
    const error = refusal(`${text}\n${wrong}\n`);
    assert.match(error.message, new RegExp(`"${key}" \\(did you mean "${right}"`));
    assert.ok(error.message.includes(at));
    assert.equal(error.exitCode, 2);
  });
}

test('a wrong value is named with its key, what was expected and what came', () => {
  assert.match(refusal(good.replace('cash: 1', 'cash: -5')).message, /market\.yaml: cash: .*got -5/);
});

test('a key that stands twice and broken YAML are refused', () => {
  assert.match(refusal(`${good}cash: 2\n`).message, /unique/i);
  assert.match(refusal('cash: [1').message, /market\.yaml/);
});

test('nearest finds a slip and does not guess wildly', () => {
  assert.equal(nearest('embrago', ['embargo', 'train']), 'embargo');
  assert.equal(nearest('zzzzzz', ['embargo', 'train']), undefined);
});

test('the shipped ralph.yaml is valid, and RALPH_BASE_URL and RALPH_MODEL override it', () => {
  const path = join(ROOT, 'config', 'ralph.yaml');
  assert.equal(readRalphConfig(path, {}).task, 'trading');
  const endpoint = readRalphConfig(path, { RALPH_BASE_URL: 'http://127.0.0.1:1/v1', RALPH_MODEL: 'm' }).endpoint;
  assert.deepEqual(endpoint, {
    baseUrl: 'http://127.0.0.1:1/v1',
    model: 'm',
    knowledgeUntil: '',
    restartCommand: [],
  });
});

test('every key of the shipped config files has a comment', () => {
  for (const file of globSync('config/*.yaml', { cwd: ROOT })) {
    if (file.endsWith('compose.yaml')) continue;
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    const seen = new Set<string>();
    const bare = lines.filter((line, i) => {
      const key = /^\s*([a-z]\w*):/.exec(line)?.[1];
      if (!key || seen.has(key)) return false;
      seen.add(key);
      return !lines[i - 1]?.trim().startsWith('#') && !line.includes('#');
    });
    assert.deepEqual(bare, [], `${file}: keys without a comment`);
  }
});
