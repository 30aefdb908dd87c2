import assert from 'node:assert/strict';
import { request as ask, createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { childSessions } from '../../src/agent/spawn.ts';
import { networkEnvironment } from '../../src/base/network.ts';
import { startModelServer } from '../../src/lab/server/serve.ts';
import { BRAIN, lend, specFor } from './fixtures/desk.ts';
import { listening } from './fixtures/odd-server.ts';

/** A proxy that sends everything to one port of this machine, and notes what it was asked for. */
async function startProxy(port: number) {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    const path = new URL(request.url ?? '').pathname;
    const onward = ask(
      { port, host: '127.0.0.1', path, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  return { asked, ...(await listening(proxy)) };
}

test('a session reaches its model through the proxy of the environment, and what it learnt serves the next one', async () => {
  const server = await startModelServer({ brain: BRAIN, seed: 1, quirks: { style: 'openrouter' } });
  const proxy = await startProxy(Number(new URL(server.baseUrl).port));
  process.env.HTTP_PROXY = proxy.url;
  const sessions = childSessions();
  const requests = [];
  for (let i = 0; i < 2; i++) {
    const before = server.stats().requests;
    const end = await sessions.run(specFor('http://model.test/v1'), lend());
    assert.equal(end.reason, 'finished', end.detail);
    requests.push(server.stats().requests - before);
  }
  delete process.env.HTTP_PROXY;
  sessions.close();
  proxy.close();
  await server.close();
  assert.ok(proxy.asked.length > 0 && proxy.asked.every((url) => url.includes('model.test')), proxy.asked.join());
  assert.equal(requests[1], requests[0] - 1, 'max_tokens is not tried again');
});

test('nothing of the environment but proxies and certificates reaches a session', () => {
  const secrets = { WANDB_API_KEY: 'x', PATH: '/bin', NODE_OPTIONS: '--inspect' };
  assert.deepEqual(networkEnvironment(secrets), {});
  assert.deepEqual(
    networkEnvironment({ ...secrets, https_proxy: 'http://p:1', NO_PROXY: '.lan', NODE_EXTRA_CA_CERTS: '/ca' }),
    {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: 'http://p:1',
      NO_PROXY: '.lan,localhost,127.0.0.1,::1',
      NODE_EXTRA_CA_CERTS: '/ca',
    },
  );
});
