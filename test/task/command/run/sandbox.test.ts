import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hasBubblewrap } from '../../../../src/agent/external/sandbox.ts';
import { contractSchema } from '../../../../src/task/command/contract/contract.ts';
import { execute } from '../../../../src/task/command/run/execute.ts';
import { requireSandbox } from '../../../../src/task/command/run/sandbox.ts';

const skip = hasBubblewrap() ? false : 'bubblewrap (bwrap) is missing or may not make namespaces here';

let dir: string;
let cache: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'ralph-sandbox-'));
  cache = mkdtempSync(join(homedir(), '.ralph-cache-'));
  mkdirSync(join(dir, 'tree'));
  writeFileSync(join(dir, 'empty'), '');
  writeFileSync(join(cache, 'package'), 'lent');
});
after(() => {
  for (const each of [dir, cache]) rmSync(each, { recursive: true, force: true });
});

/** Runs a shell command under a contract with these changes. */
function run(command: string, changes: object = {}, onLine?: (line: string) => void) {
  const contract = contractSchema.parse({
    goal: 'a',
    editable: ['a'],
    run: 'a',
    metrics: { seconds: { from: 'seconds', better: 'lower' } },
    primary: 'seconds',
    ...changes,
  });
  const tree = join(dir, 'tree');
  const nothing = { writes: [], masked: [], replaced: [], extras: [], result: null, whole: false };
  const view = { ...nothing, tree, at: tree, below: '', empty: join(dir, 'empty'), network: contract.network };
  return execute({ command, view, contract, budgetSeconds: 20, signal: new AbortController().signal, onLine });
}

test('a lent folder is there, below the home as well, and cannot be written', { skip }, async () => {
  const name = cache.slice(homedir().length + 1);
  const file = join(cache, 'package');
  assert.notEqual((await run(`cat ${file}`)).failure, null, 'not lent');
  const lent = await run(`cat ${file} ~/${name}/package`, { lend: [`~/${name}`] });
  assert.deepEqual([lent.failure, lent.stdout], [null, 'lentlent']);
  const written = await run(`echo changed > ${file}`, { lend: [cache] });
  assert.match(written.stderr, /read-only/i);
  assert.equal(readFileSync(file, 'utf8'), 'lent');
});

test('the network is there where the contract says so, and nowhere else', { skip }, async (t) => {
  const server = createServer((_, response) => response.end('online'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = `node -e "fetch('http://127.0.0.1:${port}').then((a) => a.text()).then(console.log)"`;
  assert.notEqual((await run(ask)).failure, null);
  const online = await run(ask, { network: true });
  assert.deepEqual([online.failure, online.stdout.trim()], [null, 'online']);
});

test('lines reach who watches while the command runs', { skip }, async () => {
  const seen: string[] = [];
  const go = join(dir, 'tree', 'go');
  const wait = `until [ -e ${go} ]; do sleep 0.02; done`;
  const { failure } = await run(
    `for step in 1 2; do echo step $step; done; printf "ste"; ${wait}; printf "p \\033[31m3\\rlast"; echo done >&2`,
    {},
    (line) => {
      seen.push(line);
      if (line === 'step 2') writeFileSync(go, '');
    },
  );
  assert.equal(failure, null, 'it goes on once its second line was seen');
  assert.deepEqual(
    seen.toSorted(),
    ['done', 'last', 'step 1', 'step 2', 'step 3'],
    'whole ones, the last without its end',
  );
});

test('without bubblewrap a contract that asks for it is refused, one that says none is not', (t) => {
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
  });
  process.env.PATH = dir;
  requireSandbox({ sandbox: 'none' });
  assert.throws(() => requireSandbox({ sandbox: 'bubblewrap' }), /cannot be confined here: .* is missing/);
});
