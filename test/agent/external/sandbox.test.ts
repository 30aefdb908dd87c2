import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { externalSession } from '../../../src/agent/external/run.ts';
import { hasBubblewrap, inBubblewrap } from '../../../src/agent/external/sandbox.ts';
import { PROJECT_DIR } from '../../../src/base/roots.ts';
import { lend, specFor } from '../fixtures/desk.ts';

const skip = hasBubblewrap() ? false : 'bubblewrap (bwrap) is missing or may not make namespaces here';

test('inside the sandbox the workspace is writable, and home, project and data folders are not', { skip }, async () => {
  // Not under /tmp: that is the workspace's neighbourhood, and the sandbox has one of its own.
  const data = mkdtempSync('/var/tmp/ralph-data-');
  const workspace = mkdtempSync('/var/tmp/ralph-work-');
  writeFileSync(join(data, 'selection.bin'), 'held back');
  const mark = join(homedir(), `.ralph-sandbox-${process.pid}`);
  const script = `
    echo ok > here && echo "workspace written"
    (echo x > "${mark}") 2>/dev/null && echo "home written"
    cat "${data}/selection.bin" 2>/dev/null
    ls "${PROJECT_DIR}/config" 2>/dev/null
    ls "${PROJECT_DIR}/src/agent" >/dev/null && echo "code readable"
    ls "${homedir()}" >/dev/null && echo "home readable"`;
  const [program, ...args] = inBubblewrap(['sh', '-c', script], workspace, [data]);
  const { stdout, stderr } = await execa(program, args, { reject: false });
  const written = existsSync(mark);
  rmSync(mark, { force: true });
  for (const folder of [data, workspace]) rmSync(folder, { recursive: true });
  assert.deepEqual(stdout.split('\n'), ['workspace written', 'code readable', 'home readable'], stderr);
  assert.equal(written, false);
});

test('without bubblewrap the run says so once, and its sessions do not', async (t) => {
  const path = process.env.PATH;
  const write = t.mock.method(process.stderr, 'write', () => true);
  process.env.PATH = '/nowhere';
  try {
    const run = externalSession(['/bin/sh', '-c', 'exit 3']);
    for (let i = 0; i < 2; i++)
      assert.match((await run(specFor('http://127.0.0.1:9/v1'), lend())).detail, /exit code 3/);
  } finally {
    process.env.PATH = path;
  }
  const said = write.mock.calls.filter(({ arguments: [text] }) => String(text).includes('bwrap'));
  assert.equal(said.length, 1);
});
