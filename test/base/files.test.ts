import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomic } from '../../src/base/files.ts';

test('a file is on the disk before it takes its name, and the name before the call returns', (context) => {
  const path = join(mkdtempSync(join(tmpdir(), 'ralph-files-')), 'a');
  const done: string[] = [];
  const { fsyncSync, renameSync } = fs;
  context.mock.method(fs, 'fsyncSync', (file: number) => {
    fsyncSync(file);
    done.push(fs.fstatSync(file).isDirectory() ? 'folder synced' : `${fs.fstatSync(file).size} bytes synced`);
  });
  context.mock.method(fs, 'renameSync', (from: string, to: string) => {
    renameSync(from, to);
    done.push('renamed');
  });
  syncBuiltinESMExports();
  try {
    writeFileAtomic(path, 'text');
  } finally {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(done, ['4 bytes synced', 'renamed', 'folder synced']);
  assert.equal(readFileSync(path, 'utf8'), 'text');
});

test('a file that cannot take its name leaves nothing behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-files-'));
  mkdirSync(join(folder, 'taken'));
  assert.throws(() => writeFileAtomic(join(folder, 'taken'), 'text'), /EISDIR/);
  assert.deepEqual(readdirSync(folder), ['taken']);
});
