import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compact } from '../../../src/agent/history/fit.ts';
import { flatten, unflatten } from '../../../src/agent/history/flat.ts';
import type { LooseMessage } from '../../../src/agent/history/message.ts';
import { normalise } from '../../../src/agent/history/normalise.ts';
import { refuseRequest } from '../../../src/lab/server/acceptance.ts';
import fc from '../../fast-check.ts';

const START = { system: 'rules', task: 'the task' };

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    ' \n',
    '</think>',
    '<tool_call>',
    '<tool_response>\nx\n</tool_response>',
    '<|im_end|>',
    '{"a":null}',
    'ü€😀',
    'a\ud83d',
    '\ude00b',
  ),
);
const junk = fc.oneof(
  text,
  fc.constant(null),
  fc.constant(undefined),
  fc.integer(),
  fc.array(fc.record({ type: fc.constant('text'), text })),
);
const ids = fc.constantFrom('a', 'b', 'c', '', undefined, null, 7);
const args = fc.oneof(
  fc.json(),
  text,
  fc.constantFrom(
    '{"a": "b" "c": 1}',
    '{"x": "unterminated',
    '[]',
    'null',
    '"{}"',
    '{"k": null, "n": {"m": null}}',
    '{"k": "a\\ud83d", "\\ude00": ["\\ud83d"]}',
    '{"a<b\\n": 1}',
  ),
  fc.dictionary(fc.string(), fc.jsonValue()),
);
const call = fc.oneof(
  fc.record({
    id: ids,
    type: fc.constant('function'),
    function: fc.record({ name: fc.oneof(text, fc.constantFrom('read', 'run shell="ls"')), arguments: args }),
  }),
  fc.constantFrom(null, {}, { id: 'a' }, { function: null }),
);
const message: fc.Arbitrary<LooseMessage> = fc.record(
  {
    role: fc.constantFrom(
      'system',
      'user',
      'assistant',
      'assistant',
      'tool',
      'tool',
      'developer',
      'function',
      'critic',
      undefined,
    ),
    content: junk,
    reasoning: junk,
    reasoning_content: junk,
    tool_calls: fc.oneof(fc.array(call, { maxLength: 4 }), fc.constantFrom([], null, 'x')),
    tool_call_id: ids,
  },
  { requiredKeys: ['role'] },
);
const history = fc.array(message, { maxLength: 14 });

test('any sequence of turns yields a history that the server accepts', () => {
  fc.assert(
    fc.property(history, (messages) => {
      assert.equal(refuseRequest(normalise(messages, START), []), null);
    }),
    { numRuns: 1500 },
  );
});

test('a normal history stays as it is', () => {
  fc.assert(
    fc.property(history, (messages) => {
      const once = normalise(messages, START);
      assert.deepEqual(normalise(once, START), once);
    }),
    { numRuns: 500 },
  );
});

test('what was sent stays the beginning of what is sent later', () => {
  // Whole turns only: an answer that comes late belongs to a call that was sent before it.
  fc.assert(
    fc.property(history, history, (before, after) => {
      const early = normalise([...before, { role: 'user', content: 'note' }], START).map((m) =>
        JSON.stringify({ ...m, reasoning: 0, reasoning_content: 0 }),
      );
      const late = normalise(
        [...before, { role: 'user', content: 'note' }, { role: 'assistant', content: 'x' }, ...after],
        START,
      ).map((m) => JSON.stringify({ ...m, reasoning: 0, reasoning_content: 0 }));
      assert.deepEqual(late.slice(0, early.length), early);
    }),
    { numRuns: 500 },
  );
});

test('compacted and flattened histories are accepted too, and keep the rules and the first query', () => {
  fc.assert(
    fc.property(history, fc.double({ min: 0.05, max: 1, noNaN: true }), (messages, share) => {
      const full = normalise(messages, START);
      const short = normalise(compact(full, share), START);
      assert.equal(refuseRequest(short, []), null);
      assert.deepEqual(short.slice(0, 2), full.slice(0, 2));
      assert.equal(refuseRequest(normalise(flatten(full), START), []), null);
    }),
    { numRuns: 1000 },
  );
});

test('answers follow the order of their calls, whatever order they came in', () => {
  const calls = ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: id, arguments: '{}' } }));
  const out = normalise(
    [
      { role: 'user', content: 'q' },
      { role: 'assistant', tool_calls: calls },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'tool', tool_call_id: 'a', content: 'A' },
    ],
    START,
  );
  assert.deepEqual(
    out.slice(-2).map(({ content }) => content),
    ['A', 'B'],
  );
});

test('thinking is echoed under both names after the last query, and dropped before it', () => {
  const turn = { role: 'assistant', content: 'x', reasoning: 'why' };
  const out = normalise(
    [
      { role: 'user', content: 'q' },
      turn,
      { role: 'user', content: 'q2' },
      turn,
      { role: 'user', content: '<tool_response>\nn\n</tool_response>' },
    ],
    START,
  );
  assert.deepEqual(
    out.filter((m) => m.role === 'assistant').map((m) => [m.reasoning, m.reasoning_content]),
    [
      [undefined, undefined],
      ['why', 'why'],
    ],
  );
});

test('calls side by side come out of a flat history with their own answers', () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'read', arguments: `{"path":"${id}"}` } });
  const full = normalise(
    [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'of a' },
      { role: 'tool', tool_call_id: 'b', content: 'of b' },
      { role: 'assistant', content: null, tool_calls: [call('c')] },
      { role: 'tool', tool_call_id: 'c', content: 'of c' },
    ],
    START,
  );
  const again = normalise(unflatten(flatten(full)), START);
  const answers = new Map(again.map((message) => [message.tool_call_id, message.content]));
  assert.deepEqual(
    again.flatMap(({ tool_calls = [] }) => tool_calls.map((made) => [made.function.arguments, answers.get(made.id)])),
    [
      ['{"path":"a"}', 'of a'],
      ['{"path":"b"}', 'of b'],
      ['{"path":"c"}', 'of c'],
    ],
  );
});

test('a flat history holds every call and answer, and turns come out of it again', () => {
  const calls = [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a\\n\\nb"}' } }];
  const full = normalise(
    [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'I read.', tool_calls: calls },
      { role: 'tool', tool_call_id: 'c1', content: 'one\n\ntwo' },
    ],
    START,
  );
  const flat = flatten(full);
  assert.deepEqual(
    flat.map(({ role }) => role),
    ['system', 'user'],
  );
  const again = normalise(unflatten(flat), START);
  assert.deepEqual(
    again.filter(({ role }) => role === 'tool').map(({ content }) => content),
    ['one\n\ntwo'],
  );
  assert.deepEqual(
    again.flatMap((message) => message.tool_calls ?? []).map((call) => call.function),
    [calls[0].function],
  );
});
