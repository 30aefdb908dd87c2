import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkServer } from '../../../src/lab/check-server/check.ts';
import { noServer, realServer } from '../../market/helpers/real-server.ts';

const server = realServer();

test('everything that Ralph does with a database, as a plain user of a real server that is killed in mid-run', {
  skip: noServer,
}, async () => {
  const steps = await checkServer({ url: server.url('owner'), cycles: 2, restart: () => server.restart('immediate') });
  assert.deepEqual(
    steps.map(({ step }) => step),
    ['migrate', 'ingest', 'replace', 'own table', 'hours', 'run', 'verify', 'reproduce'],
  );
});

test('the same as the superuser, but for the run', { skip: noServer }, async () => {
  const steps = await checkServer({ url: server.url('admin'), cycles: 0 });
  assert.equal(steps.at(-1)?.step, 'hours');
});
