import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { Template } from '@huggingface/jinja';

const CASES = join(import.meta.dirname, '../agent/fixtures/template');
const PATH = join(import.meta.dirname, '../../vllm/qwen3-tools.jinja');
const source = readFileSync(PATH, 'utf8');
const names = globSync('*.json', { cwd: CASES })
  .map((file) => basename(file, '.json'))
  .sort();
const input = (name: string) =>
  JSON.parse(readFileSync(join(CASES, `${name}.json`), 'utf8')) as Record<string, unknown>;
const golden = (name: string) => readFileSync(join(CASES, `${name}.txt`), 'utf8');
const render = (context: Record<string, unknown>) => new Template(source).render(context);

test('every case renders as its golden file', () => {
  assert.ok(names.length >= 10);
  for (const name of names) assert.equal(render(input(name)), golden(name), name);
});

test("Python's Jinja2 renders the same bytes", (t) => {
  const python = spawnSync('python3', [join(CASES, 'render.py'), PATH], {
    input: JSON.stringify(names.map(input)),
    encoding: 'utf8',
  });
  if (python.error || /ModuleNotFoundError/.test(python.stderr)) return t.skip('no python3 with jinja2 here');
  assert.equal(python.status, 0, python.stderr);
  const rendered = JSON.parse(python.stdout) as string[];
  for (const [i, name] of names.entries()) assert.equal(rendered[i], golden(name), name);
});

test('no empty thinking block ever stands in history', () => {
  for (const name of names)
    assert.doesNotMatch(golden(name).replace(/<think>\n\n<\/think>\n\n$/, ''), /<think>\s*<\/think>/, name);
});

test('a longer history begins with the bytes of the shorter one', () => {
  const full = input('tool-loop') as { messages: unknown[]; add_generation_prompt?: boolean };
  const whole = render({ ...full, add_generation_prompt: false });
  for (let end = 2; end < full.messages.length; end++) {
    const part = render({ ...full, messages: full.messages.slice(0, end), add_generation_prompt: false });
    assert.ok(whole.startsWith(part), `${end} messages`);
  }
});
