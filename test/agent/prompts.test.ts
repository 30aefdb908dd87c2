import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTools, promptForm } from '../../src/agent/prompts.ts';
import { refuseRequest } from '../../src/lab/server/acceptance.ts';
import * as strategy from '../../src/strategy/index.ts';

const PROMPTS = join(import.meta.dirname, '../../prompts');
const system = readFileSync(join(PROMPTS, 'system.md'), 'utf8');
const tools = loadTools(join(PROMPTS, 'tools.yaml'));

test('the tools are few, flat and taken by every grammar compiler', () => {
  assert.ok(tools.length <= 12);
  const sent = tools.map((tool) => ({ type: 'function', function: tool }));
  assert.equal(refuseRequest([{ role: 'user', content: 'x' }], sent), null);
});

test('the rules name every tool of the work order, and only tools that exist', () => {
  const names = new Set(tools.map(({ name }) => name));
  for (const [, name] of system.matchAll(/`([a-z]+_[a-z_]+|finish|backtest)`/g)) assert.ok(names.has(name), name);
});

test('the rules list every indicator that a strategy may import, and no other', () => {
  const section = system.slice(system.indexOf('# Indicators'), system.indexOf('# What the gates ask'));
  const listed = new Set(
    [...section.matchAll(/\b([a-z][A-Za-z]*)\(/g)]
      .map(([, name]) => name)
      .filter((name) => name !== 'tf' && name !== 'ago'),
  );
  const noIndicators = ['defineStrategy', 'range', 'choice'];
  const exported = Object.keys(strategy).filter((name) => !noIndicators.includes(name));
  assert.deepEqual([...listed].sort(), exported.sort());
});

test('rules and tools leave room for a brief: under 3,500 tokens together', () => {
  const tokens = (promptForm(system, 'long').length + JSON.stringify(tools).length) / 3.5;
  assert.ok(tokens < 3500, `${tokens}`);
});
