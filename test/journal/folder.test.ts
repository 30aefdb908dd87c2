import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { journalFiles } from '../../src/journal/folder.ts';
import { readJournal } from '../../src/journal/journal.ts';
import { leftoversOf } from '../../src/journal/prune.ts';
import { repairRun } from '../../src/journal/verify/repair.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { buildRunFolder } from '../../src/lab/bench/run-folder.ts';

test('the files of a journal, copied elsewhere, are the whole journal, sealed parts included', () => {
  const dir = buildRunFolder(6, { partBytes: 12_000 });
  const copy = mkdtempSync(join(tmpdir(), 'ralph-copy-'));
  for (const name of journalFiles(dir)) cpSync(join(dir, name), join(copy, name));
  const whole = JSON.stringify(readJournal(join(dir, 'journal.jsonl')));
  assert.equal(JSON.stringify(readJournal(join(copy, 'journal.jsonl'))), whole);
});

test('of a run whose journal lost its end nothing is a leftover: what lies there makes it whole again', async () => {
  const dir = buildRunFolder(4, { own: true });
  assert.deepEqual(leftoversOf(dir), []);
  const path = join(dir, 'journal.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  const end = lines.findIndex((line) => line.includes('"cycle.mirrored","cycle":2'));
  writeFileSync(path, `${lines.slice(0, end + 1).join('\n')}\n`);
  assert.equal(leftoversOf(dir), null);
  await repairRun(dir, join(dir, '..', '..'));
  const { ok, cycles } = await verifyRun(dir);
  assert.deepEqual([ok, cycles], [true, 4]);
});
