import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallTool } from '../../../src/agent/contract.ts';
import type { Message } from '../../../src/agent/history/message.ts';
import type { Brain, BrainTurn } from '../../../src/lab/server/brain.ts';
import { hold, toolbox } from '../fixtures/desk.ts';

/** Plays `turns` one a request, and hands over what each request held. */
async function play(turns: readonly BrainTurn[], callTool: CallTool = toolbox().callTool) {
  const requests: Message[][] = [];
  const brain: Brain = ({ messages }) => {
    requests.push([...messages]);
    return turns[Math.min(requests.length, turns.length) - 1];
  };
  const held = await hold({ brain }, {}, { callTool });
  return { ...held, requests: requests.map((messages) => JSON.stringify(messages)) };
}

const call = (name: string, args: Record<string, unknown>): BrainTurn => ({ calls: [{ name, args }] });
const FINISH = call('finish', { summary: 'done' });

test('a refused file leaves the context, also when it was written and checked in one turn; the reason stays', async () => {
  const write = { name: 'write_file', args: { path: 'a.ts', source: 'let refused = 1;' } };
  const check = { name: 'run_check', args: { path: 'a.ts' } };
  const box = toolbox();
  const callTool: CallTool = async (name, args) =>
    name === 'run_check'
      ? { ok: false, content: `1:5: no (${box.calls.length})`, forget: ['write_file'] }
      : box.callTool(name, args);
  const apart = [{ calls: [write] }, { calls: [check] }];
  const { end, requests, refused } = await play([...apart, { calls: [write, check] }, FINISH], callTool);
  assert.equal(end.reason, 'finished', end.detail);
  assert.match(requests[1], /let refused/);
  for (const after of requests.slice(2)) {
    assert.doesNotMatch(after, /let refused|wrote a\.ts/);
    assert.match(after, /1:5: no \(1\)/);
  }
  assert.deepEqual(refused, []);
});

test('a call that goes in circles stands in the context once, and no two answers to it are alike', async () => {
  const { end, requests } = await play([call('read_note', { name: 'style' })]);
  assert.equal(end.reason, 'gave_up');
  assert.equal(requests.length, 4);
  for (const request of requests.slice(1)) assert.equal(request.split('note style').length, 2, request);
  assert.equal(new Set(requests).size, 4);
});

test('a text that comes again leaves the context, and the fourth ends the session', async () => {
  const { end, requests } = await play([{ content: 'It is all done.', calls: [] }]);
  assert.equal(end.reason, 'gave_up');
  assert.match(end.detail, /the same text 4 times/);
  assert.match(requests[1], /all done/);
  for (const request of requests.slice(2)) assert.doesNotMatch(request, /all done|Nothing was called/);
  assert.equal(new Set(requests).size, 4);
});
