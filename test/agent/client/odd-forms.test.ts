import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Accumulator, type LooseChunk } from '../../../src/agent/client/accumulate.ts';
import type { Completion } from '../../../src/agent/client/completion.ts';
import { classify } from '../../../src/agent/turn/classify.ts';
import { answerOf } from '../fixtures/answer.ts';
import { SOURCE, TOOLS } from '../fixtures/desk.ts';

const xml = (summary = 's') =>
  `<tool_call>\n<function=finish>\n<parameter=summary>\n${summary}\n</parameter>\n</function>\n</tool_call>`;
const write = (source: string) =>
  `<tool_call>\n<function=write_file>\n<parameter=path>\na.ts\n</parameter>\n<parameter=source>\n${source}\n</parameter>\n</function>\n</tool_call>`;
const hermes = (text: string) => `<tool_call>\n${text}\n</tool_call>`;
const judge = (change: Partial<Completion>) => classify(answerOf(change), TOOLS);
const call = (name: string, text: string): Partial<Completion> => ({
  finish: 'tool_calls',
  calls: [{ id: 'x', name, arguments: text }],
});
const ran = (change: Partial<Completion>) =>
  judge(change).calls.flatMap(({ name, args, problem }) => (problem === null ? [[name, args]] : []));

/** Nothing of these may run, and the turn says why. */
const NEVER: Record<string, Partial<Completion>> = {
  'a fence in a list, left open': { content: `Steps:\n- \`\`\`xml\n${xml()}` },
  'a fence behind words, left open': { content: `For example: \`\`\`xml\n${xml()}` },
  'a fence behind words': { content: `For example: \`\`\`xml\n${xml()}\n\`\`\`` },
  'a quotation': { content: `> ${xml().replaceAll('\n', '\n> ')}` },
  'an indented code block': { content: `Like this:\n\n    ${xml().replaceAll('\n', '\n    ')}` },
  'a comment': { content: `<!-- ${xml()} -->` },
  'an example by its tag': { content: `<example>\n${xml()}\n</example>` },
  'preformatted text': { content: `<pre>${xml()}</pre>` },
  'what the model says for the next turn': { content: `Now.<|im_end|>\n<|im_start|>assistant\n${xml()}` },
  'the end after a write that cannot be read': {
    content: `${write('x').replace('<parameter=path>', '<parameter=bogus>')}\n${xml()}`,
  },
  'the end after JSON that cannot be read': {
    content: `${hermes('{"name": "write_file", "arguments": {"path": "a.ts", "source": "x}}')}\n${hermes('{"name": "finish", "arguments": {"summary": "s"}}')}`,
  },
  "Python's dictionary": { content: hermes("{'name': 'finish', 'arguments': {'summary': 's'}}") },
  'a comma too many': { content: hermes('{"name": "finish", "arguments": {"summary": "s",}}') },
  'quotation marks of print': { content: hermes('{“name”: “finish”, “arguments”: {“summary”: “s”}}') },
  'a call as code': { content: hermes('finish(summary="s")') },
  'an XML call without its end': { content: xml().replace('</function>\n</tool_call>', '') },
  'two objects in one text': call('finish', '{"summary":"a"}{"summary":"b"}'),
  'two objects in two lines': call('finish', '{"summary":"a"}\n{"summary":"b"}'),
  'a list of arguments': call('finish', '[{"summary":"a"}]'),
  'a call in the arguments of a call': call('finish', '{"name":"finish","arguments":{"summary":"a"}}'),
  'tags as a name of an argument': call('finish', '{"<parameter=summary>\\ns\\n</parameter": 1}'),
  'one argument in two spellings': call('write_file', '{"path":"a","Path":"b","source":"x"}'),
  "Python's list": call('run_check', `{"path":"a","tags":"['a','b']"}`),
  'arguments in a fence': call('finish', '```json\n{"summary":"a"}\n```'),
  'a prototype for arguments': call('finish', '{"__proto__":{"summary":"a"}}'),
  'a whole call in an answer that was cut': { ...call('finish', '{"summary":"a"}'), finish: 'length' },
};
describe('never run', () => {
  for (const [name, change] of Object.entries(NEVER)) {
    test(name, () => {
      const turn = judge(change);
      assert.deepEqual(ran(change), []);
      assert.ok(turn.class !== 'OK_CALLS' && turn.remark !== null && turn.remark !== '');
    });
  }
});

/** Drifted, whole and unmistakable. */
const RUN: Record<string, [Partial<Completion>, unknown[]]> = {
  'a call in a call': [{ content: hermes(xml()) }, ['finish', { summary: 's' }]],
  'a token of the start first': [{ content: `<|im_start|>assistant\n${xml()}` }, ['finish', { summary: 's' }]],
  'tokens of the end last': [{ content: `${xml()}<|endoftext|><|im_end|>\n` }, ['finish', { summary: 's' }]],
  apostrophes: [
    { content: "<invoke name='finish'><parameter name='summary'>s</parameter></invoke>" },
    ['finish', { summary: 's' }],
  ],
  'the answer of an API as text': [
    { content: '{"tool_calls": [{"name": "finish", "arguments": {"summary": "s"}}]}' },
    ['finish', { summary: 's' }],
  ],
  'a name with a namespace and a number': [call('functions.finish:0', '{"summary":"a"}'), ['finish', { summary: 'a' }]],
  'None for what is left out': [
    call('run_check', '{"path":"a","depth":"None","tags":"null"}'),
    ['run_check', { path: 'a' }],
  ],
  'None where text is wanted': [call('finish', '{"summary":"None"}'), ['finish', { summary: 'None' }]],
  'thinking that was counted and kept back': [
    { ...call('finish', '{"summary":"a"}'), usage: { prompt: 1, completion: 900, cached: null } },
    ['finish', { summary: 'a' }],
  ],
  'a turn behind whose end another was invented': [
    {
      content: `${write(SOURCE)}<|im_end|>\n<|im_start|>user\n<tool_response>\nok\n</tool_response><|im_end|>\n<|im_start|>assistant\n${xml()}`,
    },
    ['write_file', { path: 'a.ts', source: SOURCE }],
  ],
};
describe('run', () => {
  for (const [name, [change, expected]] of Object.entries(RUN))
    test(name, () => assert.deepEqual(ran(change), [expected]));
});

test('files with the tokens and tags of templates come through, or not at all', () => {
  for (const part of [
    '<|im_end|>',
    '<|im_start|>user',
    '```',
    '</think>',
    '<tool_call>',
    '</function>',
    '\0',
    '\ud83d',
  ]) {
    for (const source of [part, `${part}\n`, `a${part}b`, `\n${part}\r\n\t`]) {
      const asText = ran({ content: write(source) });
      if (asText.length > 0) assert.deepEqual(asText, [['write_file', { path: 'a.ts', source }]]);
      const asCall = ran(call('write_file', JSON.stringify({ path: 'a.ts', source })));
      assert.deepEqual(asCall, [['write_file', { path: 'a.ts', source }]]);
    }
  }
});

test('a call that is said again at its end is one call; another under the same id is another', () => {
  const piece = (index: unknown, id: string, name: string, text: string) =>
    ({ choices: [{ delta: { tool_calls: [{ index, id, function: { name, arguments: text } }] } }] }) as LooseChunk;
  const calls = (...chunks: LooseChunk[]) => {
    const accumulator = new Accumulator();
    for (const chunk of chunks) accumulator.add(chunk);
    return accumulator.calls.map(({ name, arguments: text }) => `${name} ${text}`);
  };
  assert.deepEqual(calls(piece(0, 'x', 'finish', '{"a":1}'), piece(0, 'x', 'finish', '')), ['finish {"a":1}']);
  assert.deepEqual(calls(piece(0, 'x', 'finish', '{"a":1}'), piece(0, 'x', 'finish', '{"a":1}')), ['finish {"a":1}']);
  assert.deepEqual(calls(piece(0, 'x', 'finish', '{"a":1}'), piece(0, 'x', 'finish', '{"a":2}')).length, 2);
  assert.deepEqual(calls(piece(0, 'x', 'finish', '{"a":1}'), piece(0, 'y', 'finish', '{"a":1}')).length, 2);
  assert.deepEqual(calls(piece(undefined, 'x', 'finish', '{"a"'), piece(0, '', '', ':1}')), ['finish {"a":1}']);
  assert.deepEqual(calls(piece('7', 'x', 'finish', '{"a"'), piece(7, '', '', ':1}')), ['finish {"a":1}']);
});

test('an answer made to be read for ever is read at once', () => {
  const before = process.cpuUsage();
  for (const text of [
    `${'\n'.repeat(250_000)}x`,
    `${' '.repeat(250_000)}</b`,
    '{ 1\n'.repeat(10_000),
    '<tool_call>{'.repeat(4_000),
    '` '.repeat(30_000),
  ])
    for (const channel of ['content', 'reasoning'])
      assert.deepEqual(judge({ [channel]: text, cap: 1_000_000 }).calls, [], text.slice(0, 20));
  const { user } = process.cpuUsage(before);
  // A guard against standing still, by processor time: the first two took minutes once, now all take a moment.
  assert.ok(user < 60e6, `${user / 1e6} s`);
});
