import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeServer, waitWhileLoading } from '../../../src/agent/doctor/probe.ts';
import { EXIT } from '../../../src/base/errors.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { BRAIN } from '../fixtures/desk.ts';
import { json, listening } from '../fixtures/odd-server.ts';

const endpointOf = (baseUrl: string) => ({ baseUrl, model: '', apiKey: '' });

test('the short probe answers with the capability record', async () => {
  const server = await startModelServer({ brain: BRAIN, seed: 1 });
  const record = await probeServer(endpointOf(server.baseUrl));
  await server.close();
  assert.deepEqual(record, { model: 'scripted', window: 32_768, tokenize: true, extras: true, calls: true });
});

test('the short probe says what was tried and how to start a server', async () => {
  await assert.rejects(
    probeServer(endpointOf('http://127.0.0.1:9/v1')),
    (error: { message: string; remedy: string }) => {
      assert.match(error.message, /no model server answers at http:\/\/127\.0\.0\.1:9\/v1/);
      assert.match(error.remedy, /vllm\/serve\.sh.*npm run ralph -- demo/);
      return true;
    },
  );
});

test('the short probe refuses a model that neither calls nor writes blocks; one whose calls stay in the text gets the blocks wire', async () => {
  const mute = await startModelServer({ brain: BRAIN, seed: 1, faults: { rate: 1, kinds: ['F56'] } });
  await assert.rejects(
    probeServer(endpointOf(mute.baseUrl)),
    /neither calls a tool .no call in up to 4 tries.* nor writes a block/,
  );
  await mute.close();
  const unparsed = await startModelServer({ brain: BRAIN, seed: 1, faults: { rate: 1, kinds: ['F02'] } });
  const { model, calls } = await probeServer(endpointOf(unparsed.baseUrl));
  assert.deepEqual([model, calls], ['scripted', false]);
  await unparsed.close();
});

test('a server that says it loads its model is waited for, a while; any other 503 is told at once', async (t) => {
  const asked: string[] = [];
  let message = 'Loading model';
  const server = await listening((request, response) => {
    asked.push(request.url ?? '');
    // As llama.cpp: the list is there before the model is.
    const loading = request.url !== '/v1/models' && asked.length < 6;
    json(response, loading ? 503 : 200, loading ? { error: { message, type: 'unavailable_error', code: 503 } } : {});
  });
  t.after(server.close);
  const endpoint = endpointOf(`${server.url}/v1`);
  const never = new AbortController().signal;
  await waitWhileLoading(endpoint, never, { pauseMs: 1 });
  assert.deepEqual(asked.slice(-3), ['/health', '/health', '/v1/models']);
  asked.length = 0;
  await assert.rejects(
    waitWhileLoading(endpoint, never, { mostMs: 0, pauseMs: 1 }),
    /still answers 503 "Loading model" after/,
  );
  const stopped = waitWhileLoading(endpoint, never, { pauseMs: 1, stopping: () => true });
  await assert.rejects(stopped, { message: /^stopped while .* loads its model$/, exitCode: EXIT.interrupted });
  for (message of ['no healthy upstream', 'the server is overloaded', 'failed to load the model', 'failed to start']) {
    asked.length = 0;
    await waitWhileLoading(endpoint, never, { mostMs: 0 });
    assert.deepEqual(asked, ['/health', '/v1/models'], message);
  }
});
