import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournal } from '../../../src/journal/journal.ts';
import { cycleEvents, startOfRun } from '../../../src/lab/story.ts';
import { dryRun } from '../../../src/loop/start/recover.ts';

/** Every file of a folder with its content. */
function snapshot(dir: string): [string, string][] {
  return readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name), 'utf8')]);
}

test('a dry run says what a start would do, counters included, and changes nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-dry-'));
  const journal = openJournal(join(dir, 'journal.jsonl'));
  const [started, registered, charged] = cycleEvents(3);
  for (const event of [startOfRun, ...cycleEvents(1), ...cycleEvents(2), started, registered, charged])
    journal.append(event);
  journal.close();
  appendFileSync(join(dir, 'journal.jsonl'), '{"seq":21,"at":');
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 4194303, host: 'here' }));
  writeFileSync(join(dir, 'STOP'), '');
  const before = snapshot(dir);
  const lines = dryRun(dir).join('\n');
  for (const expected of [
    /lock of a harness that is gone/,
    /event 21 is unfinished: its 15 bytes would be moved aside/,
    /trial 0003-1 was charged and has no result: evaluate it under its own name/,
    /counters of t: 3 trials, 108000 tokens, 0 looks at selection, 0 at the holdout, 2 x new in a row/,
    /the STOP file would be removed/,
  ])
    assert.match(lines, expected);
  assert.deepEqual(snapshot(dir), before);
});

test('a dry run of a run that is not there makes no folder', () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'ralph-dry-')), 'runs', 't');
  assert.deepEqual(dryRun(dir), ['there is no event yet: a new run would begin']);
  assert.equal(existsSync(dir), false);
});
