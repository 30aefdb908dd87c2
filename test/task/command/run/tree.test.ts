import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE_ROOT } from '../../../../src/base/roots.ts';

test('a folder that a command closed to its owner is removed', () => {
  // Root may enter what is closed, so it becomes somebody else first.
  const program = `
    import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
    import { removeAll } from ${JSON.stringify(join(PACKAGE_ROOT, 'src/task/command/run/tree.ts'))};
    if (process.getuid() === 0) process.setuid(65534);
    const dir = mkdtempSync('/tmp/ralph-closed-');
    mkdirSync(dir + '/a/b/c', { recursive: true });
    chmodSync(dir + '/a/b', 0);
    chmodSync(dir + '/a', 0);
    removeAll(dir);
    console.log(existsSync(dir));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stdout, 'false\n', stderr);
});
