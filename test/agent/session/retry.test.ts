import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { isAlive } from '../../../src/agent/session/retry.ts';
import { against, json, listening } from '../fixtures/odd-server.ts';

const never = new AbortController().signal;

/** Whether a server counts as alive whose /health is green and whose chat does this; it may be silent for so long. */
async function alive(chat: (response: ServerResponse, body: string) => void, idleMs = 60_000): Promise<boolean> {
  const server = await listening(async (request, response) => {
    const body = await text(request);
    if (request.url === '/health') response.end();
    else chat(response, body);
  });
  try {
    return await isAlive({ baseUrl: `${server.url}/v1`, model: 'm', apiKey: '' }, 'm', idleMs, never);
  } finally {
    server.close();
  }
}

test('alive means that one token comes back, whatever /health says', async () => {
  const token = { choices: [{ message: { content: 'ok' }, finish_reason: 'length' }] };
  assert.equal(
    await alive((response, body) => {
      assert.equal(JSON.parse(body).max_tokens, 1);
      json(response, 200, token);
    }),
    true,
    'a token',
  );
  assert.equal(await alive(() => {}, 100), false, 'silence');
  assert.equal(
    await alive((response) => void response.writeHead(200).write('data: '), 300),
    false,
    'silence after headers',
  );
  assert.equal(await alive((response) => void response.socket?.destroy()), false, 'the line drops');
  assert.equal(await alive((response) => json(response, 503, { error: { message: 'engine is dead' } })), false, '503');
  assert.equal(await alive((response) => json(response, 429, {})), true, 'busy');
  assert.equal(await alive((response) => json(response, 400, { detail: 'no such field' })), true, 'refuses in words');
  const nobody = { baseUrl: 'http://127.0.0.1:9/v1', model: 'm', apiKey: '' };
  assert.equal(await isAlive(nobody, 'm', 60_000, never), false, 'nobody there');
});

test('the same 500 is not sent five times: the request changes after the second', async () => {
  const bodies: string[] = [];
  const { end } = await against((body, response) => {
    const { seed: _, stream: __, stream_options: ___, ...rest } = body;
    bodies.push(JSON.stringify(rest));
    json(response, 500, { error: { message: 'IndexError: list index out of range' } });
  });
  assert.equal(end.reason, 'server_down', end.detail);
  const most = Math.max(...bodies.map((body) => bodies.filter((other) => other === body).length));
  assert.ok(most <= 2, `one request was sent ${most} times`);
  assert.ok(new Set(bodies).size >= 4, 'it is made simpler step by step');
});
