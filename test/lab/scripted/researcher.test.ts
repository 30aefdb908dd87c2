import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../src/agent/history/message.ts';
import { scriptedResearcher } from '../../../src/lab/scripted/researcher.ts';

/** What the scripted researcher calls next, when these calls are all that a small window has left of the session. */
async function after(...said: [name: string, args: object, result: string][]): Promise<string[]> {
  const messages = [
    { role: 'system', content: 'symbols: [SIMUSD]' },
    { role: 'user', content: 'NEW: test another hypothesis, of family trend-ema-cross.' },
    ...said.flatMap(([name, args, content], i) => [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: `c${i}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }],
      },
      { role: 'tool', tool_call_id: `c${i}`, content },
    ]),
  ] as Message[];
  const turn = await scriptedResearcher(1)({ messages, tools: [], turn: said.length, settings: {} });
  return turn.calls.map(({ name }) => name);
}

const failed = 'Trial 0001-1: DISCARD (fast=3)\nFAILED train.sharpe: sharpe 0.1 < 0.5';
const list = ['list_library', {}, 'library/ema-cross.ts [trend-ema-cross] crosses'] as [string, object, string];

test('after a failed backtest comes another try or a lesson, and after the lesson the end, whatever the window forgot', async () => {
  const [next] = await after(['backtest', { name: 'trend-ema-cross-1' }, failed]);
  assert.ok(['note_lesson', 'list_library'].includes(next), next);
  assert.deepEqual(await after(['note_lesson', { text: 'x fails', trials: '0001-1' }, 'Noted.']), ['finish']);
  assert.deepEqual(await after(['finish', { summary: 'x' }, 'Answer the open hints first.']), ['finish']);
});

test('a session that can remember nothing ends, instead of reading the library until its turns are used up', async () => {
  assert.deepEqual(await after(list), ['read_file', 'read_file']);
  assert.deepEqual(await after(list, list, list, list), ['finish']);
});

test('a candidate that cannot be fixed is given up after the third check', async () => {
  const check = ['check_candidate', { name: 'a' }, 'error: line 3'] as [string, object, string];
  assert.deepEqual(await after(check, check, check), ['finish']);
});

test('a call that was not run is made again: the hypothesis is registered, and no error is taken for a file', async () => {
  const lost = 'error: this call was not run. Send it again if you still need it.';
  assert.deepEqual(await after(['register_hypothesis', {}, 'error: broken markup']), ['register_hypothesis']);
  const early = ['write_candidate', { name: 'a' }, 'Register a hypothesis first: call register_hypothesis.'] as const;
  assert.deepEqual(await after([...early]), ['register_hypothesis']);
  const read = ['read_file', { path: 'library/ema-cross.ts' }, lost] as [string, object, string];
  const registered = ['register_hypothesis', { family: 'trend-ema-cross' }, 'Registered.'] as [string, object, string];
  assert.deepEqual(await after(list, read, registered), ['list_library']);
});
