import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { runChildSession, sandboxFlags } from '../../src/agent/spawn.ts';
import { hold, lend, SOURCE, specFor } from './fixtures/desk.ts';

test('a child session calls tools over a real socket and ends with finish', async () => {
  const { end, refused, files, entries } = await hold({}, {}, {}, runChildSession);
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.toolCalls, 5);
  assert.deepEqual(refused, []);
  assert.equal(files.get('a.ts'), SOURCE);
  assert.equal(entries.at(-1)?.kind, 'end');
  assert.ok(!JSON.stringify(entries).includes('secret-key-123'), 'the key stays out of the transcript');
});

test('an abort ends a child in the middle of a tool call', async () => {
  const stop = new AbortController();
  const callTool = () => {
    setTimeout(() => stop.abort(), 20);
    return new Promise<never>(() => {});
  };
  const { end } = await hold({}, {}, { callTool, signal: stop.signal }, runChildSession);
  assert.equal(end.reason, 'aborted', 'neither the wall limit nor a crash: the call itself would never have come back');
});

test('a fault of the harness in a tool call is thrown on as it is', async () => {
  const fault = new Error('database gone');
  const callTool = async () => {
    throw fault;
  };
  await assert.rejects(hold({}, {}, { callTool }, runChildSession), (thrown) => thrown === fault);
});

test('a session over its wall time is ended', async () => {
  const brain = () => new Promise<never>(() => {});
  const { end } = await hold({ brain }, { limits: { wallMs: 300 } }, {}, runChildSession);
  assert.equal(end.reason, 'wall_limit');
});

test('with no server there the session ends as server_down and says which', async () => {
  const end = await runChildSession(specFor('http://127.0.0.1:9/v1', { limits: { patienceMs: 50 } }), lend());
  assert.equal(end.reason, 'server_down');
  assert.match(end.detail, /127\.0\.0\.1:9/);
});

test('a session process reaches no file, no child, no worker, no database file', () => {
  const tries = {
    read: "require('node:fs').readFileSync('/etc/hostname')",
    project: `require('node:fs').readFileSync(${JSON.stringify(`${import.meta.dirname}/../../config/ralph.yaml`)})`,
    code: `require('node:fs').readFileSync(${JSON.stringify(`${import.meta.dirname}/../../src/agent/child.ts`)})`,
    write: "require('node:fs').writeFileSync('/tmp/ralph-leak', 'x')",
    child: "require('node:child_process').execSync('true')",
    worker: "new (require('node:worker_threads').Worker)('1', { eval: true })",
    database: "new (require('node:sqlite').DatabaseSync)('/tmp/ralph-leak.db')",
  };
  const code = Object.entries(tries).map(
    ([name, code]) =>
      `try { ${code}; console.log('${name} worked') } catch (error) { console.log('${name}', error.code) }`,
  );
  const said = execFileSync(process.execPath, [...sandboxFlags(), '-e', code.join('\n')], {
    encoding: 'utf8',
    env: {},
  });
  assert.deepEqual(
    said.trim().split('\n'),
    ['read', 'project', 'code', 'write', 'child', 'worker']
      .map((name) => `${name} ERR_ACCESS_DENIED`)
      .concat('database ERR_UNKNOWN_BUILTIN_MODULE'),
  );
});
