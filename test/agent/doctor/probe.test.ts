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
  assert.deepEqual(record, { model: 'scripted', window: 32_768, tokenize: true, extras: true, calls: true });
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
