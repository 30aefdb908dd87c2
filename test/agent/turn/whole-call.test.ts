import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Completion } from '../../../src/agent/client/completion.ts';
import { classify } from '../../../src/agent/turn/classify.ts';
import { TOOLS } from '../fixtures/desk.ts';

const answer = (content: string): Completion => ({
  content,
  reasoning: '',
  calls: [],
  finish: 'stop',
  usage: null,
  cap: 2048,
  loop: null,
  streamed: true,
});
const CALL = '```json\n{"name": "run_check", "arguments": {"path": "a.ts"}}\n```';

test('a message that is one fenced call is that call', () => {
  const turn = classify(answer(CALL), TOOLS);
  assert.equal(turn.class, 'SALVAGED');
  assert.deepEqual(turn.calls, [{ name: 'run_check', args: { path: 'a.ts' }, problem: null }]);
});

test('a fenced call with words around it, a second block beside it, or more than the call in it is an example', () => {
  for (const text of [
    `You could call it like this:\n${CALL}`,
    `${CALL}\nThat is how it looks.`,
    `${CALL}\n${CALL}`,
    CALL.replace('}}', '}} // path'),
    CALL.replace('run_check', 'format_disk'),
  ])
    assert.deepEqual(classify(answer(text), TOOLS).calls, [], text);
});
