import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionEnd } from '../../../src/agent/contract.ts';
import { isToRun } from '../../../src/fleet/island/letters.ts';

const end: SessionEnd = {
  reason: 'finished',
  detail: 'done',
  turns: 1,
  toolCalls: 1,
  promptTokens: 7,
  completionTokens: 3,
  prefixShare: 0,
  classes: { OK_TEXT: 1 },
  seconds: 1,
  charactersPerToken: 3.2,
  wire: 'blocks',
  recoveries: { nudged: 1 },
  advice: ['more context'],
};
const call = { kind: 'call', id: 1, name: 'backtest', args: { name: 'a' } };
const answer = { content: 'a', reasoning: '', calls: [{ id: '1', name: 'a', arguments: '{' }], finish: null, cap: 1 };
const turn = { class: 'OK_TEXT', answer: { ...answer, usage: null, loop: null, streamed: true } };
const entryOf = (data: unknown, kind = 'turn') => ({ kind: 'entry', entry: { at: 1, kind, data } });

test('a run reads what a session says, whole or without what may be absent', () => {
  const { charactersPerToken: _, wire: __, recoveries: ___, advice: ____, ...least } = end;
  for (const letter of [
    call,
    { kind: 'drive', id: 2, answer: null },
    entryOf(turn),
    entryOf({ ...turn, answer: { ...answer, usage: { prompt: 1, completion: 2, cached: null } } }),
    { kind: 'entry', entry: { at: 1, kind: 'note' } },
    { kind: 'end', end },
    { kind: 'end', end: least },
    { kind: 'left', why: 'was ended' },
  ])
    assert.equal(isToRun(letter), true, JSON.stringify(letter));
});

test('a run takes no letter of another shape: what it counts and journals comes from another machine', () => {
  for (const letter of [
    undefined,
    null,
    { kind: 'restart', id: 1, why: '' },
    { ...call, args: null },
    { ...call, id: '1' },
    { kind: 'drive', id: 2 },
    entryOf(null),
    entryOf({ ...turn, class: 'FINE' }),
    entryOf({ ...turn, answer: { ...answer, usage: { prompt: 1, completion: '9' } } }),
    entryOf({}, 'secret'),
    { kind: 'end', end: { ...end, reason: 'constructor' } },
    { kind: 'end', end: { ...end, turns: '1' } },
    { kind: 'end', end: { ...end, promptTokens: Number.POSITIVE_INFINITY } },
    { kind: 'end', end: { ...end, seq: 1 } },
  ])
    assert.equal(isToRun(letter), false, JSON.stringify(letter));
});
