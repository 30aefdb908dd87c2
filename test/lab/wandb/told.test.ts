import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startWandbServer, type WandbServer } from '../../../src/lab/wandb/server.ts';
import { openTold } from '../../../src/lab/wandb/told.ts';

const key = 'k'.repeat(40);
const place = { entity: 'tester', project: 'p' };
const base64 = (text: string) => createHash('md5').update(text).digest('base64');

test('a tracking server knows again what it was told before, in runs, files and artifacts', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-told-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const begin = async () => {
    const server = await startWandbServer({ key, told: openTold(folder) });
    t.after(() => server.close());
    return server;
  };
  const first = await begin();
  const { mutate, send, put } = speaker(first);
  await mutate('upsertBucket', { ...place, name: 'r', displayName: 'a run', config: '{"a":1}' });
  await mutate('RalphLabel upsertBucket', {
    ...place,
    run: 'r',
    groupName: 'g',
    jobType: 'trial',
    tags: ['x'],
    notes: '',
  });
  await send({ files: { 'wandb-history.jsonl': { offset: 0, content: ['{"n":1}', '{"n":2}'] } } });
  await put(`/storage/tester/p/r/${encodeURIComponent('a/b.txt')}`, 'old');
  await put(`/storage/tester/p/r/${encodeURIComponent('a/b.txt')}`, 'new');
  const manifest = JSON.stringify({ contents: { f: { digest: base64('content') } } });
  await mutate('createArtifact(', {
    artifactTypeName: 'strategy',
    artifactCollectionNames: ['c'],
    runName: 'r',
    digest: createHash('md5')
      .update(`wandb-artifact-manifest-v1\nf:${base64('content')}\n`)
      .digest('hex'),
    aliases: [{ alias: 'keep' }],
    metadata: '{}',
    enableDigestDeduplication: true,
  });
  await put('/storage/artifacts/0/wandb_manifest.json', manifest);
  await put('/storage/artifacts/0/f', 'content');
  await mutate('commitArtifact(', { artifactID: '0' });
  await mutate('notifyScriptableRunAlert', { ...place, run: 'r', title: 'KEEP', text: 'look' });
  first.trouble = () => ({ status: 503 });
  await send({ complete: true, exitcode: 1 });
  await first.close();
  appendFileSync(join(folder, 'told.jsonl'), '{"url":"/files/tester/p/r/file_stream","body":"{\\"compl');

  const second = await begin();
  assert.equal(second.runs.get('tester/p/r')?.files['a/b.txt'].toString(), 'new');
  assert.equal(second.runs.get('tester/p/r')?.state, 'running');
  assert.equal(second.artifacts[0].state, 'COMMITTED');
  // What it is told after a torn line is not lost with it.
  await speaker(second).send({ complete: true, exitcode: 0 });
  await second.close();
  const third = await begin();
  assert.deepEqual([third.runs, third.artifacts], [second.runs, second.artifacts]);
  assert.equal(third.runs.get('tester/p/r')?.state, 'finished');
});

function speaker(server: WandbServer) {
  const headers = { authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` };
  const post = (path: string, value: unknown) =>
    fetch(server.baseUrl + path, { method: 'POST', headers, body: JSON.stringify(value) });
  return {
    mutate: (what: string, variables: unknown) => post('/graphql', { query: `mutation { ${what} }`, variables }),
    send: (body: unknown) => post('/files/tester/p/r/file_stream', body),
    put: (path: string, body: string) =>
      fetch(server.baseUrl + path, { method: 'PUT', headers: { 'x-signed': 'yes' }, body }),
  };
}
