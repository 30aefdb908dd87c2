import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as pass } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChildSession } from '../../src/agent/spawn.ts';
import { startModelServer } from '../../src/lab/server/serve.ts';
import { BRAIN, lend, specFor } from './fixtures/desk.ts';
import { listening } from './fixtures/odd-server.ts';

/** A private authority and a certificate of it for 127.0.0.1, as files; null where openssl cannot make them. */
function makeCertificates(dir: string): { ca: string; key: string; cert: string } | null {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl('req', '-x509', ...request, ...'-keyout ca.key -out ca.pem -subj /CN=private-CA -days 2'.split(' '));
    openssl('req', ...request, '-keyout', 'key.pem', '-out', 'server.csr', '-subj', '/CN=127.0.0.1');
    writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1\n');
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', 'server.csr', '-out', 'cert.pem', ...by);
  } catch {
    return null;
  }
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  return { ca: join(dir, 'ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
}

test('a session reaches a server whose certificate only NODE_EXTRA_CA_CERTS vouches for', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-tls-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const made = makeCertificates(dir);
  if (!made) return t.skip('openssl cannot make a certificate here');
  const model = await startModelServer({ brain: BRAIN, seed: 1 });
  const { port } = new URL(model.baseUrl);
  const front = createServer({ key: made.key, cert: made.cert }, (request, response) => {
    const { method, url, headers } = request;
    const onward = pass({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  const { port: secure, close } = await listening(front);
  const ask = () => runChildSession(specFor(`https://127.0.0.1:${secure}/v1`, { limits: { patienceMs: 20 } }), lend());
  const before = process.env.NODE_EXTRA_CA_CERTS;
  delete process.env.NODE_EXTRA_CA_CERTS;
  const without = await ask();
  process.env.NODE_EXTRA_CA_CERTS = made.ca;
  const withIt = await ask();
  if (before === undefined) delete process.env.NODE_EXTRA_CA_CERTS;
  else process.env.NODE_EXTRA_CA_CERTS = before;
  close();
  await model.close();
  assert.equal(without.reason, 'server_down');
  assert.match(without.detail, /certificate/);
  assert.equal(withIt.reason, 'finished', withIt.detail);
});
