import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runSession } from '../../src/agent/session/session.ts';
import { until } from '../../src/lab/until.ts';
import { openRestarts } from '../../src/loop/restarts.ts';
import { lend, specFor } from '../agent/fixtures/desk.ts';

const SERVER = join(import.meta.dirname, '../agent/fixtures/model-process.ts');

/** A model server in a process of its own, which its `start` command replaces; the address stays. */
async function serverIn(dir: string, how: 'hangs' | 'works') {
  const first = spawn(process.execPath, [SERVER, dir, how], { stdio: 'ignore', detached: true });
  first.unref();
  const pidNow = () => Number(readFileSync(join(dir, 'pid'), 'utf8'));
  await until('the server is up', () => {
    try {
      return pidNow() === first.pid;
    } catch {
      return false;
    }
  });
  return {
    pidNow,
    pid: first.pid ?? 0,
    baseUrl: `http://127.0.0.1:${readFileSync(join(dir, 'port'), 'utf8')}/v1`,
    restartCommand: [process.execPath, SERVER, dir, 'restart'],
  };
}

function journalOf() {
  const told: string[] = [];
  return { told, journal: { append: (event: object) => void told.push((event as { detail: string }).detail) } };
}

function session(baseUrl: string, restart: (why: string) => Promise<boolean>, limits: object = {}) {
  const waits = { idleMs: 2000, aliveMs: 1000, retryMs: 200, patienceMs: 20_000, ...limits };
  const capabilities = { model: 'scripted', window: 32_768 };
  return runSession(specFor(baseUrl, { capabilities, limits: waits }), lend({ restart }));
}

for (const end of ['hangs', 'dies'] as const)
  test(`a server that ${end} is restarted by the command, once, and the session goes on`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ralph-restart-'));
    const server = await serverIn(dir, 'hangs');
    if (end === 'dies') process.kill(server.pid, 'SIGKILL');
    const { told, journal } = journalOf();
    const { restart } = openRestarts(server.restartCommand, dir, journal);
    try {
      const ended = await session(server.baseUrl, restart);
      assert.equal(ended.reason, 'finished', ended.detail);
      assert.equal(ended.recoveries?.restarted, 1);
      assert.notEqual(server.pidNow(), server.pid, 'another process serves now');
      assert.equal(told.length, 1, told.join('\n'));
      assert.match(
        told[0],
        end === 'hangs' ? /not even one token comes.*running endpoint\.restartCommand/ : /ECONNREFUSED/,
      );
    } finally {
      process.kill(server.pidNow(), 'SIGKILL');
      rmSync(dir, { recursive: true });
    }
  });

test('a command that fails is told with its exit code, and not run again before the server has answered', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-restart-'));
  const script = join(dir, 'restart.sh');
  writeFileSync(script, `echo once >> ${dir}/runs; echo no such unit >&2; exit 5\n`);
  const { told, journal } = journalOf();
  const restarts = openRestarts(['sh', script], dir, journal);
  const ended = await session('http://127.0.0.1:9/v1', restarts.restart, { patienceMs: 1500 });
  assert.equal(ended.reason, 'server_down', ended.detail);
  assert.deepEqual(
    told.map((line) => /exit code 5/.test(line)),
    [false, true],
  );
  assert.equal(readFileSync(join(dir, 'restart.log'), 'utf8'), 'no such unit\n');
  assert.equal(await restarts.restart('still gone'), false);
  assert.equal(readFileSync(join(dir, 'runs'), 'utf8'), 'once\n');
  restarts.answered();
  await Promise.all([restarts.restart('gone again'), restarts.restart('another session says so')]);
  assert.equal(readFileSync(join(dir, 'runs'), 'utf8'), 'once\nonce\n');
  const missing = openRestarts(['/no/such/program'], dir, journal);
  assert.equal(await missing.restart('gone'), false);
  assert.match(told.at(-1) ?? '', /ENOENT/);
  rmSync(dir, { recursive: true });
});
