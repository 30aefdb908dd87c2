import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolDefinition } from '../../../src/agent/contract.ts';
import { classify } from '../../../src/agent/turn/classify.ts';
import { answerOf } from '../fixtures/answer.ts';
import { TOOLS } from '../fixtures/desk.ts';

const judge = (content: string, tools: readonly ToolDefinition[] = TOOLS) => classify(answerOf({ content }), tools);
const CALL = '```json\n{"name": "run_check", "arguments": {"path": "a.ts"}}\n```';

test('a message that is one fenced call is that call', () => {
  const turn = judge(CALL);
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
    assert.deepEqual(judge(text).calls, [], text);
});

test('a message that is one call is that call in every dress that models were seen to give it', () => {
  const json = '{"name": "run_check", "arguments": {"path": "a.ts"}}';
  for (const text of [
    json,
    `{${json}}\n\n\n`,
    `\`\`\`json\n{${json}}\n\`\`\``,
    `\`\`\`\n<tool_call>\n${json}\n</tool_call>\n\`\`\``,
    "```ts\nrun_check('a.ts')\n```",
    "```python\nrun_check(path='a.ts')\n```",
    '```js\nawait run_check({ path: "a.ts" });\n```',
    'run_check(path="a.ts")',
  ])
    assert.deepEqual(judge(text).calls, [{ name: 'run_check', args: { path: 'a.ts' }, problem: null }], text);
});

test('code that is more than one call with plain arguments is not run', () => {
  for (const text of [
    "Then you would say:\n```ts\nrun_check('a.ts')\n```",
    "```ts\nrun_check('a.ts'); run_check('b.ts')\n```",
    '```ts\nrun_check(name + ".ts")\n```',
    "```ts\nconst x = run_check('a.ts')\n```",
    '```ts\nrun_check(`$' + '{name}.ts`)\n```',
    "```ts\nformat_disk('a.ts')\n```",
  ])
    assert.deepEqual(judge(text).calls, [], text);
});

const WRITE: ToolDefinition = {
  name: 'write_candidate',
  description: 'Writes.',
  parameters: {
    type: 'object',
    properties: { strategy: { type: 'string' }, yaml: { type: 'string' } },
    required: ['strategy'],
  },
};
const FILE = 'export default defineStrategy({\n  decide(now) { now.target(1); },\n});';

test('a block with a strategy is the candidate where candidates are written by a call', () => {
  const turn = judge(`Here is the strategy:\n\`\`\`ts\n${FILE}\n\`\`\`\nIt buys.`, [...TOOLS, WRITE]);
  assert.deepEqual(turn.calls, [{ name: 'write_candidate', args: { strategy: FILE }, problem: null }]);
  const both = `\`\`\`ts\n${FILE}\n\`\`\`\n\`\`\`yaml\nsymbols: [X]\n\`\`\``;
  assert.deepEqual(judge(both, [WRITE]).calls[0]?.args, { strategy: FILE, yaml: 'symbols: [X]' });
});

test('a strategy that the words before it call an example, and a quoted line of one, is no candidate', () => {
  for (const text of [
    `For example, a strategy may look so:\n\`\`\`ts\n${FILE}\n\`\`\``,
    'I will write `export default defineStrategy({ … })` with a `decide` function.',
    `\`\`\`ts\n${FILE}\n\`\`\``,
  ])
    assert.deepEqual(judge(text, text.startsWith('```') ? TOOLS : [WRITE]).calls, [], text);
});
