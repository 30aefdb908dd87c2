import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTools } from '../../../src/agent/prompts.ts';
import { classify } from '../../../src/agent/turn/classify.ts';
import { answerOf } from '../fixtures/answer.ts';

const TOOLS = loadTools(join(import.meta.dirname, '../../../prompts/tools.yaml'));

/** Texts of Qwen2.5-Coder-1.5B on the tools wire, as llama.cpp sent them. It read no call in any of them. */
const texts = readFileSync(join(import.meta.dirname, '../fixtures/real-model/tools-wire.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { content: string }).content);

test('texts of a real model that are one call are that call, and its chatter is none', () => {
  const turns = texts.map((content) => {
    const { class: kind, calls } = classify(answerOf({ content }), TOOLS);
    return `${kind} ${calls.map(({ name, problem }) => name + (problem ? ' refused' : '')).join()}`;
  });
  assert.deepEqual(turns, [
    ...Array(3).fill('SALVAGED register_hypothesis'),
    ...Array(3).fill('SALVAGED write_candidate'),
    // An apology, a remark, an answer made up for the tool, and a chain of calls with the lessons of trials that never were.
    ...Array(4).fill('OK_TEXT '),
  ]);
});
