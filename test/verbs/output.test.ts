import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../src/base/errors.ts';
import { checkOutput, writeOutput } from '../../src/verbs/output.ts';

const folder = mkdtempSync(join(tmpdir(), 'ralph-output-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a place where no file can be written is refused with the option and why', () => {
  writeFileSync(join(folder, 'exist.csv'), '');
  mkdirSync(join(folder, 'dir.csv'));
  symlinkSync(join(folder, 'dir.csv'), join(folder, 'link.csv'));
  symlinkSync('round.csv', join(folder, 'round.csv'));
  for (const [name, why] of [
    ['exist.csv/x.csv', /exist.csv is a file, and no folder for others/],
    ['exist.csv/deep/x.csv', /exist.csv is a file, and no folder for others/],
    ['dir.csv', /it is a folder/],
    ['link.csv', /it is a folder/],
    ['round.csv', /the link leads back to itself/],
  ] as const)
    assert.throws(
      () => checkOutput('trades', join(folder, name)),
      (error: Error) =>
        (error instanceof UsageError && error.message.startsWith('--trades ') && why.test(error.message)) ||
        assert.fail(error.message),
    );
  assert.throws(() => checkOutput('map', 'm.png', '.svg'), /--map m.png: expected a name that ends in .svg/);
  checkOutput('map', join(folder, 'M.SVG'), '.svg');
  for (const name of ['exist.csv', 'new.csv', 'not/yet/there.csv']) checkOutput('trades', join(folder, name));
  assert.ok(!readdirSync(folder).includes('not'));
});

test('a link is written through and stays a link, also one to a file that is not there yet', () => {
  mkdirSync(join(folder, 'far'));
  writeFileSync(join(folder, 'far', 'old.csv'), 'old');
  for (const [name, to] of [
    ['a.csv', 'far/old.csv'],
    ['b.csv', 'far/new.csv'],
    ['c.csv', 'b.csv'],
  ]) {
    symlinkSync(to, join(folder, name));
    checkOutput('trades', join(folder, name));
    writeOutput(join(folder, name), name);
    assert.ok(lstatSync(join(folder, name)).isSymbolicLink());
    assert.equal(readFileSync(join(folder, name), 'utf8'), name);
  }
  assert.equal(readFileSync(join(folder, 'far', 'old.csv'), 'utf8'), 'a.csv');
  assert.deepEqual(readdirSync(join(folder, 'far')), ['new.csv', 'old.csv']);
});

test('what is no plain file is written into', () => {
  symlinkSync('/dev/null', join(folder, 'nothing.csv'));
  writeOutput(join(folder, 'nothing.csv'), 'x');
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
});
