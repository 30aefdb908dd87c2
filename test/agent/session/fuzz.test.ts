import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { runSession } from '../../../src/agent/session/session.ts';
import { pick, seededRandom } from '../../../src/base/random.ts';
import { refuseRequest } from '../../../src/lab/server/acceptance.ts';
import { lend, specFor } from '../fixtures/desk.ts';
import { listening } from '../fixtures/odd-server.ts';

const SESSIONS = 60;
const TEXTS = [
  '',
  ' ',
  '\n',
  'I will now ',
  '<tool_call>',
  '</tool_call>',
  '<function=finish>',
  '<function=',
  '</function>',
  '<parameter=summary>',
  '\ns\n',
  '</parameter>',
  '<think>',
  '</think>',
  '```',
  '{"name": "finish", "arguments": {"summary": "s"}}',
  '{"name"',
  '<|im_end|>',
  'ü€😀',
  '!!!!!!!!',
  '\u0000',
  '"',
  '\\',
];
const NAMES = ['write_file', 'run_check', 'finish', 'Finish', 'nope', '', 'finish\n', undefined, null, 7];
const ARGUMENTS = [
  '{}',
  '{"summary":"s"}',
  '{"path":"a.ts"',
  ',"source":"x"}',
  '{"path":"a.ts","source":"x"}',
  '',
  null,
  undefined,
  '"',
  '[]',
  'null',
  { path: 'p' },
  '}',
];
const FINISHES = ['stop', 'tool_calls', 'length', null, undefined, 'weird', ''];
const USAGE = [
  undefined,
  null,
  { prompt_tokens: 10, completion_tokens: 5 },
  { completion_tokens: 3000 },
  {},
  { prompt_tokens: -1, completion_tokens: 0 },
];

test(`${SESSIONS} sessions against a server that says anything at all`, async () => {
  const random = seededRandom(99);
  const some = <T>(items: readonly T[]) => pick(random, items);
  const delta = (): unknown =>
    some([
      () => ({ content: some(TEXTS) }),
      () => ({ reasoning: some(TEXTS) }),
      () => ({ reasoning_content: some(TEXTS), content: null }),
      () => ({
        tool_calls: [
          {
            index: some([0, 0, 1, undefined, null, -3]),
            id: some(['a', 'b', undefined, null, '']),
            function: some([null, undefined, { name: some(NAMES), arguments: some(ARGUMENTS) }]),
          },
        ],
      }),
      () => ({ tool_calls: some([null, [], [null], [{}]]) }),
      () => null,
    ])();
  const chunk = (): unknown =>
    some([
      () => ({ choices: [{ delta: delta(), finish_reason: null }] }),
      () => ({ choices: [{ delta: delta(), finish_reason: some(FINISHES) }], usage: some(USAGE) }),
      () => ({ choices: some([null, [], [null]]), usage: some(USAGE) }),
      () => ({}),
    ])();
  const refused: string[] = [];
  const server = await listening(async (request, response) => {
    if (request.url === '/v1/models') return void response.end('{"data":[{"id":"m"}]}');
    if (request.url !== '/v1/chat/completions') return void response.writeHead(404).end();
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    const refusal = refuseRequest(body.messages, body.tools);
    if (refusal) refused.push(refusal.message);
    const kind = random();
    if (kind < 0.04) return void response.socket?.destroy();
    if (kind < 0.1)
      return void response
        .writeHead(some([400, 422, 429, 500, 503]))
        .end(some(['', '{}', '{"error":{"message":"x"}}', '<html>', '{"error":"x"}', '{"detail":[{"msg":"y"}]}']));
    if (body.stream !== true)
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          some([
            JSON.stringify({ choices: [{ message: delta(), finish_reason: some(FINISHES) }] }),
            '{}',
            'null',
            '[]',
            '"x"',
            'nonsense',
          ]),
        );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < 1 + random() * 12; i++)
      response.write(random() < 0.02 ? 'data: {oops\n\n' : `data: ${JSON.stringify(chunk())}\n\n`);
    if (random() < 0.8)
      response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: some(FINISHES) }] })}\n\n`);
    response.end(random() < 0.9 ? 'data: [DONE]\n\n' : '');
  });
  const reasons: Record<string, number> = {};
  for (let i = 0; i < SESSIONS; i++) {
    const spec = specFor(`${server.url}/v1`, { limits: { turns: 15, idleMs: 300, patienceMs: 200, retryMs: 1 } });
    const end = await runSession(spec, lend({ onEntry: (entry) => void JSON.stringify(entry) }));
    reasons[end.reason] = (reasons[end.reason] ?? 0) + 1;
    assert.ok(end.detail !== '' && end.turns <= 15);
  }
  server.close();
  assert.deepEqual(refused, []);
  assert.ok((reasons.finished ?? 0) > 0, JSON.stringify(reasons));
});
