import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Completion } from '../../../src/agent/client/completion.ts';
import { classify } from '../../../src/agent/turn/classify.ts';
import { salvage } from '../../../src/agent/turn/salvage.ts';
import { answerOf } from '../fixtures/answer.ts';
import { SOURCE, TOOLS } from '../fixtures/desk.ts';

const WRITE = { id: 'x', name: 'write_file', arguments: JSON.stringify({ path: 'a.ts', source: SOURCE }) };
const kindOf = (change: Partial<Completion>) => classify(answerOf(change), TOOLS).class;

test('a call that the server read inside an open code fence is an example and does not run', () => {
  const calls = [WRITE];
  assert.equal(kindOf({ calls, content: 'The call looks like this:\n```json\n' }), 'ANNOUNCED_ONLY');
  assert.equal(kindOf({ calls, content: 'As in\n```ts\nconst x = 1;\n```\nI write it now.' }), 'OK_CALLS');
});

test('tokens without text: a part that came was swallowed by the server, nothing at all is an empty turn', () => {
  const usage = { prompt: 10, completion: 100 } as Completion['usage'];
  assert.equal(kindOf({ usage, content: 'ok' }), 'STREAM_ERROR');
  assert.equal(kindOf({ usage }), 'EMPTY_TURN');
  assert.equal(kindOf({ usage, content: 'a whole sentence of an answer '.repeat(4) }), 'OK_TEXT');
});

test('the turn ends with the token right behind a call: the call after it is not the model’s own', () => {
  const bare = (path: string) => `{"name": "write_file", "arguments": ${JSON.stringify({ path, source: SOURCE })}}`;
  const found = salvage(`${bare('a.ts')}<|im_end|>\n${bare('b.ts')}`, TOOLS);
  assert.deepEqual(
    found?.calls.map(({ args }) => args.path),
    ['a.ts'],
  );
});
