import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionEnd } from '../../../src/agent/contract.ts';
import { type Answer, against, call, delta, events, json } from '../fixtures/odd-server.ts';

const MESSAGE = { tool_calls: [{ id: 'x', function: { name: 'finish', arguments: '{"summary":"s"}' } }] };
const WHOLE = { choices: [{ message: MESSAGE, finish_reason: 'tool_calls' }] };
const DELTA = call('finish', '{"summary":"s"}');
const finishes = async (name: string, answer: Answer) => {
  const { end } = await against(answer);
  assert.equal(end.reason, 'finished', `${name}: ${end.reason} ${end.detail}`);
};
const endsAs = async (reason: SessionEnd['reason'], answer: Answer, limits: object = {}) => {
  const { end } = await against(answer, { limits });
  assert.equal(end.reason, reason, `${end.reason}: ${end.detail}`);
  assert.ok(end.detail.length > 10 && end.turns <= 20);
  return end;
};

test('servers that do not keep to the protocol', async () => {
  await finishes('never streams', (_, response) => json(response, 200, WHOLE));
  await finishes('always streams', (_, response) => events(response, DELTA));
  await finishes('carriage returns and comments', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`: ping\r\n\r\ndata: ${JSON.stringify(DELTA)}\r\n\r\ndata: [DONE]\r\n\r\n`);
  });
  await finishes('broken JSON in the stream, once', (_, response, n) =>
    n === 1
      ? response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices": [\n\n')
      : events(response, DELTA),
  );
  await finishes('arguments as an object', (_, response) => events(response, call('finish', { summary: 's' }, 'stop')));
  await finishes('one id for two calls', (_, response) =>
    events(response, call('read_note', '{"name":"n"}', null), call('finish', '{"summary":"s"}', 'tool_calls', 1)),
  );
  await finishes('the name in pieces', (_, response) =>
    events(
      response,
      call('fin', undefined, null),
      delta({ tool_calls: [{ index: 0, function: { name: 'ish', arguments: '{"summary":"s"}' } }] }, 'tool_calls'),
    ),
  );
  await finishes('the old function_call', (_, response) =>
    events(response, delta({ function_call: { name: 'finish', arguments: '{"summary":"s"}' } }, 'function_call')),
  );
  await finishes('a call behind a special token', (_, response) =>
    events(response, delta({ content: '[TOOL_CALLS][{"name":"finish","arguments":{"summary":"s"}}]' }, 'stop')),
  );
});

test('refusals in words never seen before', async () => {
  await finishes('no penalty and extras', (body, response) =>
    'chat_template_kwargs' in body ? json(response, 422, { detail: 'no thanks' }) : events(response, DELTA),
  );
  await finishes('no tool turns', (body, response) => {
    const turns = body.messages as { role: string }[];
    if (turns.some(({ role }) => role === 'tool'))
      return json(response, 400, { error: { message: 'cannot digest this conversation' } });
    const done = JSON.stringify(turns).includes('note n');
    return events(response, done ? DELTA : call('read_note', '{"name":"n"}'));
  });
  await finishes('an error in a 200', (_, response, n) =>
    json(response, 200, n <= 2 ? { object: 'error', message: 'later', code: 500 } : WHOLE),
  );
  await finishes('busy, with a wait', (_, response, n) =>
    n === 1 ? response.writeHead(429, { 'retry-after': '0' }).end('{}') : events(response, DELTA),
  );
  await finishes('payload too large', (body, response) =>
    Number(body.max_tokens) > 1500 ? response.writeHead(413).end('Request Entity Too Large') : events(response, DELTA),
  );
  await endsAs('server_refused', (_, response) => json(response, 400, { error: { message: 'never' } }));
  await endsAs('server_refused', (_, response) => json(response, 401, { error: { message: 'who are you' } }));
});

test('models and servers that never come to an end', async () => {
  /** Says something every so many ms. */
  const talker =
    (pauseMs: number, words: (i: number) => string): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let i = 0;
      const say = () => response.write(`data: ${JSON.stringify(delta({ content: words(i++) }))}\n\n`);
      const timer = setInterval(say, pauseMs);
      response.on('close', () => clearInterval(timer));
    };
  const chatter = (i: number) => `${Math.sin(i)} ${Math.cos((i + 1) * 7)} `.repeat(40);
  await endsAs('gave_up', talker(1, chatter), { turns: 20 });
  await endsAs(
    'wall_limit',
    talker(50, () => 'x '),
    { wallMs: 700 },
  );
  await endsAs('server_down', (_, response) => void response.socket?.destroy());
  await endsAs('server_down', (_, response) => response.end('<html>It works!</html>'));
  await endsAs('gave_up', (_, response) => events(response, { choices: [] }));
  const many = Array.from({ length: 60 }, (_, index) => ({
    index,
    id: `i${index}`,
    function: { name: 'read_note', arguments: '{"name":"same"}' },
  }));
  const circles = await endsAs('gave_up', (_, response) => events(response, delta({ tool_calls: many }, 'tool_calls')));
  assert.ok(circles.toolCalls <= 5);
  let k = 0;
  await endsAs('gave_up', (_, response) => events(response, call('no_such_tool', `{"k":${k++}}`)), { turns: 20 });
});
