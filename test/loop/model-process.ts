import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startModelServer } from '../../src/lab/server/serve.ts';
import { until } from '../../src/lab/until.ts';
import { BRAIN } from '../agent/fixtures/desk.ts';

// A model server as a process: `hangs` takes requests and answers /health alone, `works` answers, `restart` puts a working one in the
// place of the one that runs, and returns. Arguments: folder, which. The folder holds its port and its process id.
const [dir, which] = process.argv.slice(2);
const [portFile, pidFile] = [join(dir, 'port'), join(dir, 'pid')];
const portNow = () => (existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0);
const pidNow = () => Number(readFileSync(pidFile, 'utf8'));

if (which === 'restart') {
  const old = pidNow();
  try {
    process.kill(old, 'SIGKILL');
  } catch {
    // Dead already.
  }
  spawn(process.execPath, [process.argv[1], dir, 'works'], { stdio: 'ignore', detached: true }).unref();
  await until('the new server is up', () => pidNow() !== old);
  process.exit(0);
}

if (which === 'works') await startModelServer({ brain: BRAIN, seed: 1, port: portNow() });
else {
  const server = createServer((request, response) => {
    if (request.url === '/health') response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  writeFileSync(portFile, String((server.address() as AddressInfo).port));
}
writeFileSync(pidFile, String(process.pid));
