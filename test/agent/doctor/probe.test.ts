import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeServer } from '../../../src/agent/doctor/probe.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { BRAIN } from '../fixtures/desk.ts';

const endpointOf = (baseUrl: string) => ({ baseUrl, model: '', apiKey: '' });

test('the short probe answers with the capability record', async () => {
  const server = await startModelServer({ brain: BRAIN, seed: 1 });
  const record = await probeServer(endpointOf(server.baseUrl));
  await server.close();
  assert.deepEqual(record, { model: 'scripted', window: 32_768, tokenize: true, extras: true });
});

test('the short probe says what was tried and how to start a server', async () => {
  await assert.rejects(
    probeServer(endpointOf('http://127.0.0.1:9/v1')),
    (error: { message: string; remedy: string }) => {
      assert.match(error.message, /no model server answers at http:\/\/127\.0\.0\.1:9\/v1/);
      assert.match(error.remedy, /vllm\/serve\.sh.*npm run demo/);
      return true;
    },
  );
});

test('the short probe refuses a server that cannot call tools, but not one that merely leaves calls in the text', async () => {
  const mute = await startModelServer({ brain: BRAIN, seed: 1, faults: { rate: 1, kinds: ['F56'] } });
  await assert.rejects(probeServer(endpointOf(mute.baseUrl)), /did not call a tool in 4 tries/);
  await mute.close();
  const unparsed = await startModelServer({ brain: BRAIN, seed: 1, faults: { rate: 1, kinds: ['F02'] } });
  assert.equal((await probeServer(endpointOf(unparsed.baseUrl))).model, 'scripted');
  await unparsed.close();
});
