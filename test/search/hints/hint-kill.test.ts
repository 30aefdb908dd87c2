import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readJournal } from '../../../src/journal/journal.ts';

const TAKE = `
import { openJournal } from '${join(import.meta.dirname, '../../../src/journal/journal.ts')}';
import { takeHints } from '${join(import.meta.dirname, '../../../src/search/hints/hints.ts')}';
const [root] = process.argv.slice(-1);
const journal = openJournal(root + '/journal.jsonl');
for (const hint of takeHints(root + '/inbox', root, 1, { events: journal.events })) {
  if (hint.event) journal.append(hint.event);
  hint.release();
}
journal.close();
`;

const POINTS = [
  'search.hint.copy.before',
  'search.hint.copy.after',
  'journal.hint.taken.before',
  'journal.hint.taken.after',
  'search.hint.remove.before',
  'search.hint.remove.after',
  'search.hint.copy.after:2',
  'journal.hint.taken.after:2',
];

function take(root: string, failpoint?: string) {
  return spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', TAKE, '--', root], {
    env: { PATH: process.env.PATH, ...(failpoint ? { RALPH_FAILPOINT: failpoint } : {}) },
    encoding: 'utf8',
  });
}

test('killed at any step of taking hints, a second start takes each exactly once', () => {
  for (const point of POINTS) {
    const root = mkdtempSync(join(tmpdir(), 'hint-kill-'));
    mkdirSync(join(root, 'inbox'));
    writeFileSync(join(root, 'inbox', 'a.md'), 'first');
    writeFileSync(join(root, 'inbox', 'b.md'), 'second');
    assert.equal(take(root, point).signal, 'SIGKILL', point);
    const again = take(root);
    assert.equal(again.status, 0, again.stderr);
    const taken = readJournal(join(root, 'journal.jsonl')).flatMap((event) =>
      event.type === 'hint.taken' ? [event.text] : [],
    );
    assert.deepEqual(taken.sort(), ['first', 'second'], point);
    assert.deepEqual(readdirSync(join(root, 'inbox')), [], point);
    assert.equal(readdirSync(join(root, 'hints')).length, 2, point);
  }
});
