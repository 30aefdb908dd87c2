import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Channel, openChannel } from '../../../src/backtest/box/channel.ts';
import { sha256 } from '../../../src/base/hash.ts';
import { ESCAPED } from './hostile/escaped.ts';
import { windowFile } from './support.ts';

const PROJECT = join(import.meta.dirname, '../../..');
let window: string;
let other: string;
let server: Server;
let connections = 0;
let child: Channel;
let print: string;
/** What an answer may take on the busiest of machines. */
const PATIENT_MS = 60_000;
const TMP = join(tmpdir(), `escaped-${process.pid}`);

// A child without the box's own program: it runs what it is told with all of Node, under the flags of an evaluation.
const PROGRAM = `(function (require) {
  process.on('uncaughtException', (e) => { globalThis.late = e; });
  process.on('message', async ({ id, ask }) => {
    let value;
    try { value = { went: String(await new Function('require', 'WINDOW', 'OTHER', 'PROJECT', 'PORT', 'TMP', 'return (' + ask.code + ')')(require, ...ask.names)).slice(0, 100) }; }
    catch (e) { value = { refused: String(e && e.code || ''), message: String(e && e.message).slice(0, 200) }; }
    process.send({ id, answer: { ok: true, value } });
  });
})`;

before(async () => {
  window = windowFile(500);
  other = windowFile(500, 'ETHUSD');
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  child = openChannel({ text: PROGRAM }, { windowFiles: [window], limits: { heapMb: 64 } });
  print = sha256(readFileSync(window));
});
after(async () => {
  await child.end();
  server.close();
});

describe('out of the compartment, under the permissions of the process', () => {
  for (const [name, code] of Object.entries(ESCAPED)) {
    test(name, async () => {
      const port = (server.address() as { port: number }).port;
      const answer = await child.ask(
        { code, names: [window, other, PROJECT, port, TMP] } as never,
        PATIENT_MS,
        PATIENT_MS,
      );
      assert.ok(answer.ok, JSON.stringify(answer));
      const value = answer.value as { went?: string; refused?: string; message?: string };
      assert.equal(value.went, undefined, `it went through: ${value.went}`);
      if (process.env.SHOW) process.stderr.write(`${name} ${value.refused} ${value.message}\n`);
    });
  }

  test('nothing was left behind, nothing was changed and nobody was called', () => {
    assert.equal(sha256(readFileSync(window)), print);
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`escaped-${process.pid}`));
    assert.deepEqual(left, []);
    assert.equal(existsSync('/dev/shm/ralph'), false);
    assert.equal(connections, 0);
  });

  test('the environment holds nothing of the harness', async () => {
    const answer = await child.ask(
      { code: 'Object.keys(process.env).sort().join()', names: [] } as never,
      PATIENT_MS,
      PATIENT_MS,
    );
    assert.ok(answer.ok);
    const { went } = answer.value as { went: string };
    const allowed = ['OLDPWD', 'PATH', 'PWD', 'SHLVL', 'TZ', '_', ''];
    assert.deepEqual(
      went.split(',').filter((name) => !allowed.includes(name)),
      [],
    );
  });
});
